import type { QueueJob } from '@bull-board/api/typings/app';
import { type JobRemoval, type JobRetry, type TaskJob, type TaskQueue, tasksOf } from '@taskwire/queue';
import { isRedisFault } from '@taskwire/redis';
import type { AddBody } from './add/add-body.ts';
import { type AddTaskOptions, addTask } from './add/add-task.ts';
import { BoardError } from './board-error.ts';
import { boardJob, type JobActions } from './board-job.ts';
import { largeResultOf } from './show/large-result.ts';
import { currentVisit } from './visit.ts';

export interface TaskActionsOptions extends AddTaskOptions {
  jobRetry: JobRetry;
  removal: JobRemoval;
  /** Aborted when the dashboard closes. */
  closing: AbortSignal;
}

/** So many jobs are in memory at once, and each may carry a megabyte. */
const PAGE_SIZE = 100;

/** What people do on the board. Whoever asks is known by the request under way. */
export class TaskActions {
  readonly #options: TaskActionsOptions;
  /** For a job that was asked for by itself. */
  readonly ofOne: JobActions = {
    remove: (job) => this.#remove(job),
    retry: (job, state) => this.#options.jobRetry.retry(job, state),
  };
  /** For each of many jobs: what cannot be retried does not stand in the way of the others. */
  readonly ofMany: JobActions = {
    remove: this.ofOne.remove,
    retry: async (job, state) => {
      const visit = currentVisit();
      try {
        await this.ofOne.retry(job, state);
      } catch (error) {
        if (isRedisFault(error)) throw error;
        visit.notRetried += 1;
      }
    },
  };

  constructor(options: TaskActionsOptions) {
    this.#options = options;
  }

  add(queue: TaskQueue, body: AddBody): Promise<QueueJob> {
    return addTask(queue, body, this.ofOne, this.#options);
  }

  /** The job with its whole result, also where the job keeps only a note of it. */
  async inFull(job: TaskJob): Promise<QueueJob> {
    return boardJob(job, this.ofOne, await largeResultOf(job, this.#options.store));
  }

  /**
   * Removes all jobs of a queue that wait in a state, newest first, so that BullMQ finds each of them at once. Ends after
   * the page under way when the dashboard closes.
   *
   * @param addedBefore in ms since 1970; what was added later stays.
   */
  async removeWaiting(queue: TaskQueue, state: 'waiting' | 'prioritized' | 'delayed', addedBefore: number) {
    const { removal, closing } = this.#options;
    const why = whyRemoved();
    let kept = 0;
    for (;;) {
      closing.throwIfAborted();
      const page = await queue.getJobs([state], kept, kept + PAGE_SIZE - 1);
      if (page.length === 0) return;
      const old = page.filter(({ timestamp }) => timestamp <= addedBefore);
      kept += page.length - (await removal.removeWaiting(old, why));
    }
  }

  /** The task of a job that waits, or runs, ends in the error `cancelled`; one that has ended just goes. */
  async #remove(job: TaskJob): Promise<void> {
    const { removal, client } = this.#options;
    const [task] = tasksOf(job);
    if (!task || (await job.getState()) !== 'active') return removal.removeOne(job, whyRemoved());
    // Its worker holds it: so it is ended by whoever cancels tasks, and stays as a failed job.
    const { status } = await client.cancel(task.task_id, { timeoutMs: 0 });
    if (status !== 'unknown') return;
    throw new BoardError({
      status: 409,
      title: 'The job was not removed',
      message: 'A worker holds this job, but its task is no longer known: it leaves the queue when it has ended.',
      code: 'not_removable',
    });
  }
}

/** The sentence of the result of a task whose job is removed. */
function whyRemoved(): string {
  return `Removed in the dashboard by ${currentVisit().visitor?.name ?? 'nobody'}`;
}
