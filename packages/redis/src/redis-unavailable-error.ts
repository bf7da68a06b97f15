import type { RedisConfig } from '@taskwire/config';
import { addressOf } from './connect.ts';

/** Redis cannot be used. The message names the address, says why, and what to do. */
export class RedisUnavailableError extends Error {
  readonly code = 'redis_unavailable';

  constructor(config: RedisConfig, why: string, options?: ErrorOptions) {
    super(`Redis at ${addressOf(config)} cannot be used: ${why}\n${waysFor(config)}`, options);
    this.name = 'RedisUnavailableError';
  }
}

function waysFor({ port }: RedisConfig): string {
  return `Three ways to get a Redis:
  1. let taskwire start one at a loopback address (REDIS_HOST=127.0.0.1): npm run setup, then npx taskwire start --detach
  2. with Docker: docker run -d -p 127.0.0.1:${port}:6379 redis:8
  3. use one you have: REDIS_URL=redis://user:password@host:6379/0`;
}
