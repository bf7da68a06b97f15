import type { Logger, TaskQueue } from '@taskwire/runtime';
import type { KnownTasks } from '../../known-tasks.ts';
import type { JobRemoval } from './job-removal.ts';
import type { RemovalJournal } from './removal-journal.ts';

export interface UnfinishedRemovalsOptions {
  queues: ReadonlyMap<string, TaskQueue>;
  journal: RemovalJournal;
  removal: JobRemoval;
  tasks: KnownTasks;
  logger: Logger;
}

const LOOK_INTERVAL_MS = 20_000;

/** A removal takes milliseconds, or as long as the announcer waits for Redis. */
const ABANDONED_AFTER_MS = 30_000;

/** Finishes, now and then, the removals that a dashboard began and did not live to finish. */
export class UnfinishedRemovals implements Disposable {
  readonly #options: UnfinishedRemovalsOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: UnfinishedRemovalsOptions) {
    this.#options = options;
  }

  start(): void {
    const look = () => {
      // Redis may be away: there is a next time.
      this.finish().catch((error: unknown) => this.#options.logger.debug({ err: error }, 'removals stay unfinished'));
    };
    this.#timer ??= setInterval(look, LOOK_INTERVAL_MS).unref();
    look();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Answers the tasks whose jobs have been removed, and forgets the removals that did not come about. */
  async finish(abandonedAfterMs: number = ABANDONED_AFTER_MS): Promise<void> {
    const { queues, journal, removal, tasks, logger } = this.#options;
    for (const cancellation of await journal.olderThan(abandonedAfterMs)) {
      const { jobId, queue, result } = cancellation;
      const job = await queues.get(queue)?.getJob(jobId);
      // What is known of a task goes when its result goes: without it the task has ended long ago, in some other way.
      if (!job && (await tasks.jobIdOf(result.task_id)) === jobId) {
        await removal.announce(cancellation);
        logger.warn({ task_id: result.task_id, jobId, queue }, 'a removal that was cut off has been finished');
      }
      await journal.strike([jobId]);
    }
  }
}
