import type { RedisConfig } from '@taskwire/config';
import { connect } from './connect.ts';
import { reasonOf } from './redis-fault.ts';
import { explained, type RedisFault } from './what-answers.ts';

/** `loading`: it will be ready by itself. `absent`: nothing listens at the address. `unusable`: something does, but we cannot work with it. */
export type ProbeOutcome =
  | { status: 'ready' }
  | { status: 'loading' }
  | { status: 'absent' | 'unusable'; why: string; cause: RedisFault };

/** Asks once whether Redis answers; takes at most about 4 s. */
export async function probe(config: RedisConfig): Promise<ProbeOutcome> {
  let lastError: RedisFault | undefined;
  const redis = connect({ config, role: 'client', name: 'probe', onError: (error) => (lastError = error) });
  redis.options.retryStrategy = () => null;
  try {
    await redis.ping();
    // Answers only when the database exists: a connection whose SELECT fails is closed.
    if (config.db > 0) await redis.select(config.db);
    return { status: 'ready' };
  } catch (error) {
    const cause = await explained(config, lastError ?? (error as RedisFault));
    if (/^LOADING/.test(cause.message)) return { status: 'loading' };
    return { status: cause.code === 'ECONNREFUSED' ? 'absent' : 'unusable', why: reasonOf(cause), cause };
  } finally {
    redis.disconnect();
  }
}
