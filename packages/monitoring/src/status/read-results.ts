import { latestFailuresKey, latestResultsKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { SHOWN_RESULTS } from '../metrics/recent-results.ts';
import type { ResultSummary } from './installation-status.ts';
import { readable } from './readable.ts';

/** The latest results and failures over all processes, newest first. */
export async function readLatest(redis: Redis, keyPrefix: string) {
  const [latest_results, latest_failures] = await Promise.all([
    newest(redis, latestResultsKey(keyPrefix)),
    newest(redis, latestFailuresKey(keyPrefix)),
  ]);
  return { latest_results, latest_failures };
}

/**
 * Each process adds its own with its heartbeat, so the list is only nearly in order. Those of the same millisecond stay
 * as they are.
 */
async function newest(redis: Redis, key: string): Promise<ResultSummary[]> {
  const summaries = (await redis.lrange(key, 0, -1)).flatMap((entry) => readable(entry, isSummary) ?? []);
  return summaries.sort((a, b) => b.timestamp.localeCompare(a.timestamp)).slice(0, SHOWN_RESULTS);
}

function isSummary(value: Partial<ResultSummary>): value is ResultSummary {
  const numbers = [value.duration_ms, value.queued_ms, value.attempts];
  const isTime = typeof value.timestamp === 'string' && !Number.isNaN(Date.parse(value.timestamp));
  return isTime && typeof value.status === 'string' && numbers.every((number) => Number.isFinite(number));
}
