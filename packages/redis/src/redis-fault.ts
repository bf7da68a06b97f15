import type { RedisConfig } from '@taskwire/config';
import { addressOf } from './connect.ts';
import { refusalOf } from './redis-refusal.ts';

type RedisFault = Error & { code?: string; lastNodeError?: RedisFault };

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

/** Why Redis cannot be used, in words for a person. */
export function reasonOf({ code, message, lastNodeError }: RedisFault): string {
  if (lastNodeError) return reasonOf(lastNodeError);
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  if (message === 'Command timed out') return 'it does not answer';
  if (/^MOVED/.test(message)) return 'it is a node of a cluster (redis.cluster)';
  if (/DB index/.test(message)) return 'it has no database of this number (redis.db)';
  if (UNKNOWN_PROTOCOL.test(message)) return 'what answers there is not Redis';
  const refusal = refusalOf({ message });
  return refusal ? `it ${refusal.what}` : message;
}

export function unavailable(config: RedisConfig, fault: RedisFault): RedisUnavailableError {
  return new RedisUnavailableError(config, reasonOf(fault), { cause: fault });
}

/** Redis cannot be used. The message names the address, says why, and shows the ways out. */
export class RedisUnavailableError extends Error {
  readonly code = 'redis_unavailable';

  constructor(config: RedisConfig, why: string, options?: ErrorOptions) {
    const remedy = refusalOf(options?.cause)?.remedy ?? waysFor(config);
    super(`Redis at ${addressOf(config)} cannot be used: ${why}\n${remedy}`, options);
    this.name = 'RedisUnavailableError';
  }
}

function waysFor({ port }: RedisConfig): string {
  return `Three ways to get a Redis:
  1. let taskwire start one at a loopback address (REDIS_HOST=127.0.0.1): npm run setup, then npx taskwire start --detach
  2. with Docker: docker run -d -p 127.0.0.1:${port}:6379 redis:8
  3. use one you have: REDIS_URL=redis://user:password@host:6379/0`;
}
