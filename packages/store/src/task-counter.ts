import type { Redis } from 'ioredis';
import { loadScript, type Script } from './scripts/load-script.ts';

/** Looked at from both ends of a set of jobs; the names of so many more would hold up Redis for longer than a millisecond. */
const MOST_JOBS = 1000;

/**
 * Counts the tasks in lists and sorted sets of jobs, of which several may share one; see `count-tasks.lua`. Of more than
 * 2000 jobs it is an estimate.
 *
 * @param options.queueKeys how the keys of the queue begin, with a colon.
 * @param options.sharedPrefix how the ids of shared jobs begin.
 */
export function taskCounter(
  redis: Redis,
): (options: { queueKeys: string; sharedPrefix: string; sets: readonly string[] }) => Promise<number[]> {
  const count: Script<number[]> = loadScript(redis, 'count-tasks');
  return ({ queueKeys, sharedPrefix, sets }) => count(1, queueKeys, MOST_JOBS, sharedPrefix, ...sets);
}
