import type { QueueStatus } from './installation-status.ts';

/** A BullMQ queue, as far as its status is read. */
export interface WatchedQueue {
  name: string;
  getJobCounts(...types: CountedState[]): Promise<Record<string, number>>;
  isPaused(): Promise<boolean>;
  getJobs(
    types: ('waiting' | 'prioritized')[],
    start: number,
    end: number,
    ascending: boolean,
  ): Promise<({ timestamp: number; opts: { delay?: number } } | undefined)[]>;
}

type CountedState = (typeof COUNTED)[number];

const COUNTED = ['waiting', 'prioritized', 'active', 'delayed', 'completed', 'failed'] as const;

/** The state of a queue now. */
export async function readQueue(queue: WatchedQueue, now: number): Promise<Omit<QueueStatus, 'history'>> {
  const [counts, paused, ...ends] = await Promise.all([
    queue.getJobCounts(...COUNTED),
    queue.isPaused(),
    queue.getJobs(['waiting'], 0, 0, true),
    // Tasks of low priority wait longest: the oldest is at or near one of the two ends.
    queue.getJobs(['prioritized'], 0, 0, true),
    queue.getJobs(['prioritized'], 0, 0, false),
  ]);
  const since = ends.flatMap((jobs) => jobs.flatMap((job) => (job ? [job.timestamp + (job.opts.delay ?? 0)] : [])));
  return {
    name: queue.name,
    paused,
    waiting: (counts.waiting ?? 0) + (counts.prioritized ?? 0),
    active: counts.active ?? 0,
    delayed: counts.delayed ?? 0,
    completed: counts.completed ?? 0,
    failed: counts.failed ?? 0,
    oldest_waiting_ms: since.length === 0 ? null : Math.max(0, now - Math.min(...since)),
  };
}
