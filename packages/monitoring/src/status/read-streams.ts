import { missesKey, tasksStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import type { StreamsStatus } from './installation-status.ts';

/** What waits in the stream of tasks, and who missed something in that of results. */
export async function readStreams(redis: Redis, keyPrefix: string): Promise<StreamsStatus> {
  const [unread, misses] = await Promise.all([
    redis.xlen(tasksStreamKey(keyPrefix)),
    redis.hkeys(missesKey(keyPrefix)),
  ]);
  return { unread_requests: unread, groups_that_missed_results: misses.toSorted() };
}
