import type { Logger } from '@taskwire/service';
import type { TaskStore } from '@taskwire/store';
import type { TaskQueue } from '../queues.ts';
import type { JobRemoval } from './job-removal.ts';

export interface UnfinishedRemovalsOptions {
  queues: ReadonlyMap<string, TaskQueue>;
  removal: JobRemoval;
  store: Pick<TaskStore, 'placeOf'>;
  logger: Logger;
}

/** A removal takes milliseconds. One that only waits for Redis, and is finished by two, still gives one result. */
const ABANDONED_AFTER_MS = 5000;

/** Finishes the removals that a processor or dashboard began and did not live to finish. */
export class UnfinishedRemovals {
  readonly #options: UnfinishedRemovalsOptions;

  constructor(options: UnfinishedRemovalsOptions) {
    this.#options = options;
  }

  /** Answers the tasks whose jobs have been removed, and forgets the removals that did not come about. */
  async finish(abandonedAfterMs: number = ABANDONED_AFTER_MS): Promise<void> {
    const { queues, removal, store, logger } = this.#options;
    for (const cancellation of await removal.journal.olderThan(abandonedAfterMs)) {
      const { jobId, queue: queueName, result } = cancellation;
      const queue = queues.get(queueName);
      // A queue of task folders that are not ours: whoever has them will look.
      if (!queue) continue;
      const job = await queue.getJob(jobId);
      // What is known of a task goes when its result goes: without it the task has ended long ago, in some other way.
      if (!job && (await store.placeOf(result.task_id))?.jobId === jobId) {
        await removal.announce(cancellation);
        logger.warn(
          { task_id: result.task_id, jobId, queue: queueName },
          'a removal that was cut off has been finished',
        );
      }
      await removal.journal.strike([jobId]);
    }
  }
}
