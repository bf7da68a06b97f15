import type { QueueStatus, ServiceStatus } from './installation-status.ts';

/** A BullMQ queue, as far as its status is read. */
export interface WatchedQueue {
  name: string;
  getJobCounts(...types: CountedState[]): Promise<Record<string, number>>;
  isPaused(): Promise<boolean>;
  getJobs(
    types: ('waiting' | 'prioritized' | 'active')[],
    start: number,
    end: number,
    ascending: boolean,
  ): Promise<(WatchedJob | undefined)[]>;
}

export interface WatchedJob {
  name: string;
  id?: string;
  timestamp: number;
  opts: { delay?: number };
  /** The instance of the worker that has it. */
  processedBy?: string;
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

const LOOKED_AT = 50;
const MOST_HELD = 5;

/** Adds to silent workers some of the jobs that they have taken and not ended. */
export async function addHeldJobs(services: readonly ServiceStatus[], queues: readonly WatchedQueue[]): Promise<void> {
  const silent = services.filter((service) => service.state === 'silent' && service.queues.length > 0);
  if (silent.length === 0) return;
  const active = await Promise.all(queues.map((queue) => queue.getJobs(['active'], 0, LOOKED_AT - 1, false)));
  for (const service of silent) {
    const held = active.flat().filter((job) => job?.processedBy === service.instance);
    service.holds = held.slice(0, MOST_HELD).map((job) => `${job?.name} ${job?.id}`);
  }
}
