import type { ChildProcess } from 'node:child_process';
import type { RedisConfig } from '@taskwire/config';
import { isLoopback, NoRedisServerError, startEmbeddedRedis } from './embedded-server.ts';
import { probe } from './probe.ts';
import { RedisUnavailableError } from './redis-fault.ts';

/**
 * `existing`: the configured Redis answers. `loading`: it will, when it has read its data. `embedded`: none did, and our own process now
 * serves the address.
 */
export type EnsuredRedis = { status: 'existing' | 'loading' } | { status: 'embedded'; process: ChildProcess };

/**
 * Makes sure that a Redis serves the configured address: the one that answers there, or else, for a loopback address,
 * a new one.
 *
 * @throws RedisUnavailableError
 */
export async function ensureRedis(config: RedisConfig): Promise<EnsuredRedis> {
  const found = await probe(config);
  if (found.status === 'ready') return { status: 'existing' };
  if (found.status === 'loading') return found;
  const isOneServer = config.sentinels.length === 0 && config.cluster.length === 0;
  const mayStart = config.embedded.enabled && isOneServer && isLoopback(config.host) && !config.tls;
  if (found.status === 'unusable' || !mayStart) throw new RedisUnavailableError(config, found.why, found);
  try {
    return { status: 'embedded', process: await startEmbeddedRedis(config) };
  } catch (error) {
    const why = error instanceof NoRedisServerError ? `${found.why}, and ${error.message}` : (error as Error).message;
    throw new RedisUnavailableError(config, why, { cause: error });
  }
}
