import type { JobRemoval, TaskQueue } from '@taskwire/queue';

/** So many jobs are in memory at once, and each may carry a megabyte. */
const PAGE_SIZE = 100;

export type WaitingState = 'waiting' | 'prioritized' | 'delayed';

export interface BulkRemovalOptions {
  queue: TaskQueue;
  removal: JobRemoval;
  /** The sentence of the results. */
  why: string;
  /** Jobs that were added later stay: ms since 1970. */
  addedBefore: number;
  /** Ends it after the page under way. */
  signal: AbortSignal;
}

/** Removes all jobs of a queue that wait in a state, newest first, so that BullMQ finds each of them at once. */
export async function removeAllIn(
  state: WaitingState,
  { queue, removal, why, addedBefore, signal }: BulkRemovalOptions,
): Promise<void> {
  let kept = 0;
  for (;;) {
    signal.throwIfAborted();
    const page = await queue.getJobs([state], kept, kept + PAGE_SIZE - 1);
    if (page.length === 0) return;
    const old = page.filter(({ timestamp }) => timestamp <= addedBefore);
    kept += page.length - (await removal.removeWaiting(old, why));
  }
}
