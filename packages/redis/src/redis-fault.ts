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

/** By code and message: why no Redis can be asked, and what a person does about it; nothing where none answers. */
const FAULTS: readonly (readonly [fault: RegExp, why: string, remedy?: string])[] = [
  [/^ECONNREFUSED/, 'nothing listens there'],
  [/^ENOENT/, 'there is no such socket'],
  [/^(ENOTFOUND|EAI_AGAIN)/, 'no machine of this name is known'],
  [/^(EHOSTUNREACH|ENETUNREACH)/, 'no way leads there'],
  [/^ETIMEDOUT|Command timed out/, 'it does not answer'],
  [/^no_redis_server/, 'no Redis is installed'],
  [
    /^(ECONNRESET|EPIPE)|Connection is closed|max retries per request/,
    'it hangs up without a word',
    'Its own log may say why.',
  ],
  [
    /^EACCES/,
    'the user of this process may not open it',
    'Let that user write to the socket (unixsocketperm, its group).',
  ],
  [
    /^NO_TLS/,
    'it has no TLS at this port',
    'Write redis:// instead of rediss:// (redis.tls), or name its port with TLS.',
  ],
  [
    /^ONLY_TLS/,
    'it wants TLS at this port',
    'Write rediss:// instead of redis:// (redis.tls), or name its port without TLS.',
  ],
  [
    /CERTIFICATE_REQUIRED/,
    'it wants a certificate of its clients, and taskwire has none',
    'Let it ask for none (tls-auth-clients no), and taskwire show a password.',
  ],
  [
    /SELF_SIGNED_CERT|^UNABLE_TO_(VERIFY|GET_ISSUER)/,
    'its certificate was signed by nobody whom Node.js trusts',
    'Name the PEM file of the authority that signed it in redis.tls_ca_file (TASKWIRE_REDIS_TLS_CA_FILE).',
  ],
  [/ALTNAME_INVALID/, 'its certificate is for other names', 'Connect by a name that is in it.'],
  [/^CERT_/, 'its certificate is not valid now', 'Renew it, or set the clock of this machine right.'],
  [
    /Unknown RESP type|^NO_REDIS/,
    'what answers there is not Redis',
    'Name the address of a Redis: REDIS_URL, or redis.host and redis.port.',
  ],
];

function knownFault({ code = '', message }: RedisFault) {
  return FAULTS.find(([fault]) => fault.test(`${code} ${message}`.trimStart()));
}

/** Why Redis cannot be used, in words for a person. */
export function reasonOf(fault: RedisFault): string {
  if (fault.lastNodeError) return reasonOf(fault.lastNodeError);
  const refusal = refusalOf(fault);
  return refusal ? `it ${refusal.what}` : (knownFault(fault)?.[1] ?? fault.message);
}

export async function unavailable(config: RedisConfig, fault: RedisFault): Promise<RedisUnavailableError> {
  const cause = await explained(config, fault);
  return new RedisUnavailableError(config, reasonOf(cause), { cause });
}

/** Redis cannot be used. The message names the address, says why, and, by the cause, what to do. */
export class RedisUnavailableError extends Error {
  readonly code = 'redis_unavailable';

  constructor(config: RedisConfig, why: string, { cause }: ErrorOptions = {}) {
    super(`Redis at ${addressOf(config)} cannot be used: ${why}${remedyFor(config, cause as RedisFault | undefined)}`, {
      cause,
    });
    this.name = 'RedisUnavailableError';
  }
}

function remedyFor(config: RedisConfig, fault: RedisFault | undefined): string {
  if (!fault) return '';
  if (fault.lastNodeError) return remedyFor(config, fault.lastNodeError);
  const refusal = refusalOf(fault);
  if (refusal) return `\n${refusal.remedy}`;
  const known = knownFault(fault);
  return known ? `\n${known[2] ?? waysFor(config)}` : '';
}

function waysFor({ port }: RedisConfig): string {
  return `Three ways to get a Redis:
  1. let taskwire start one at a loopback address (REDIS_HOST=127.0.0.1): npm run setup, then npx taskwire start --detach
  2. with Docker: docker run -d -p 127.0.0.1:${port}:6379 redis:8
  3. use one you have: REDIS_URL=redis://user:password@host:6379/0`;
}
