import type { RedisConfig } from '@taskwire/config';
import { addressOf } from './connect.ts';
import { refusalOf } from './redis-refusal.ts';
import { explained, type RedisFault } from './what-answers.ts';

const NETWORK_FAULT = /^E[A-Z_]+$/;
const UNKNOWN_PROTOCOL = /^Unknown RESP type/;
const FAULT_NAMES = ['MaxRetriesPerRequestError', 'ReplyError', 'SimpleError', 'ParserError', 'ClusterAllFailedError'];

/** Whether an error came from Redis, the network, or another server at that address. */
export function isRedisFault(error: unknown): error is RedisFault {
  const { name, message, code } = error as Partial<RedisFault>;
  return (
    FAULT_NAMES.includes(name ?? '') ||
    message === 'Connection is closed.' ||
    message === 'Command timed out' ||
    UNKNOWN_PROTOCOL.test(message ?? '') ||
    (error instanceof Error && NETWORK_FAULT.test(code ?? ''))
  );
}

const WAYS = 'ways';
const OTHER_PORT = 'or name its other port';

/** By code and message: why no Redis can be asked, and what a person does about it. */
const FAULTS: readonly (readonly [fault: RegExp, why: string, remedy: string])[] = [
  [/^ECONNREFUSED/, 'nothing listens there', WAYS],
  [/^ENOENT/, 'there is no such socket', WAYS],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'no machine of this name is known', WAYS],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)|Command timed out/, 'it does not answer', WAYS],
  [/^no_redis_server/, 'no Redis is installed', WAYS],
  [
    /^(ECONNRESET|EPIPE)|Connection is closed|max retries per/,
    'it hangs up without a word',
    'Its own log may say why.',
  ],
  [/^EACCES/, 'this user may not open the socket', 'Let it write to the socket (unixsocketperm, its group).'],
  [/^NO_TLS/, 'it has no TLS at this port', `Write redis:// instead of rediss:// (redis.tls), ${OTHER_PORT}.`],
  [/^ONLY_TLS/, 'it wants TLS at this port', `Write rediss:// instead of redis:// (redis.tls), ${OTHER_PORT}.`],
  [/CERTIFICATE_REQUIRED/, 'it wants a certificate of its clients', 'Let it ask for none: tls-auth-clients no.'],
  [
    /SELF_SIGNED|^UNABLE_TO/,
    'nobody trusted signed its certificate',
    'Name the PEM file of who did: redis.tls_ca_file.',
  ],
  [/ALTNAME_INVALID/, 'its certificate is for other names', 'Connect by a name that is in it.'],
  [/^CERT_/, 'its certificate is not valid now', 'Renew it, or set the clock of this machine right.'],
  [/Unknown RESP|^NO_REDIS/, 'what answers there is not Redis', 'Name the address of a Redis (REDIS_URL).'],
];

function troubleOf(fault: RedisFault): { why: string; remedy: string } {
  if (fault.lastNodeError) return troubleOf(fault.lastNodeError);
  const refusal = refusalOf(fault);
  if (refusal) return { why: `it ${refusal.what}`, remedy: refusal.remedy };
  const said = `${fault.code ?? ''} ${fault.message}`.trimStart();
  const [, why = fault.message, remedy = ''] = FAULTS.find(([pattern]) => pattern.test(said)) ?? [];
  return { why, remedy };
}

/** Why Redis cannot be used, in words for a person. */
export function reasonOf(fault: RedisFault): string {
  return troubleOf(fault).why;
}

export async function unavailable(config: RedisConfig, fault: RedisFault): Promise<RedisUnavailableError> {
  const cause = await explained(config, fault);
  return new RedisUnavailableError(config, reasonOf(cause), { cause });
}

/** Redis cannot be used. The message names the address, says why, and, by the cause, what to do. */
export class RedisUnavailableError extends Error {
  readonly code = 'redis_unavailable';

  constructor(config: RedisConfig, why: string, { cause }: ErrorOptions = {}) {
    const { remedy } = troubleOf((cause ?? {}) as RedisFault);
    const ways = remedy === WAYS ? waysFor(config) : remedy;
    super(`Redis at ${addressOf(config)} cannot be used: ${why}\n${ways}`.trimEnd(), { cause });
    this.name = 'RedisUnavailableError';
  }
}

function waysFor({ port }: RedisConfig): string {
  return `Three ways to get a Redis:
  1. let taskwire start one at a loopback address (REDIS_HOST=127.0.0.1): npx taskwire setup, then npx taskwire start --detach
  2. with Docker: docker run -d -p 127.0.0.1:${port}:6379 redis:8
  3. use one you have: REDIS_URL=redis://user:password@host:6379/0`;
}
