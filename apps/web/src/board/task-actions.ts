import type { QueueJob } from '@bull-board/api/typings/app';
import type { JobRemoval, JobRetry, TaskJob, TaskQueue } from '@taskwire/queue';
import { isRedisFault } from '@taskwire/redis';
import type { TaskStore } from '@taskwire/store';
import type { AddBody } from './add/add-body.ts';
import type { AddTask } from './add/add-task.ts';
import { BoardJob, type JobActions } from './board-job.ts';
import { removeAllIn, type WaitingState } from './remove/bulk-removal.ts';
import type { RemoveJob } from './remove/remove-job.ts';
import { largeResultOf } from './show/large-result.ts';
import { currentVisit } from './visit.ts';

export interface TaskActionsOptions {
  addTask: AddTask;
  jobRetry: JobRetry;
  removal: JobRemoval;
  /** Removes one job, whatever state it is in. */
  removeJob: RemoveJob;
  store: TaskStore;
  /** Aborted when the dashboard closes. */
  closing: AbortSignal;
}

/** What people do on the board. Whoever asks is known by the request under way. */
export class TaskActions {
  readonly #addTask: AddTask;
  /** For a job that was asked for by itself. */
  readonly ofOne: JobActions;
  /** For each of many jobs: what cannot be retried does not stand in the way of the others. */
  readonly ofMany: JobActions;
  readonly #removal: JobRemoval;
  readonly #store: TaskStore;
  readonly #closing: AbortSignal;

  constructor({ addTask, jobRetry, removal, removeJob, store, closing }: TaskActionsOptions) {
    this.#addTask = addTask;
    this.#removal = removal;
    this.#store = store;
    this.#closing = closing;
    const remove = (job: TaskJob) => removeJob(job, whyRemoved());
    this.ofOne = { remove, retry: (job, state) => jobRetry.retry(job, state) };
    this.ofMany = {
      remove,
      async retry(job, state) {
        const visit = currentVisit();
        try {
          await jobRetry.retry(job, state);
        } catch (error) {
          if (isRedisFault(error)) throw error;
          visit.notRetried += 1;
        }
      },
    };
  }

  add(queue: TaskQueue, body: AddBody): Promise<QueueJob> {
    return this.#addTask(queue, body, this.ofOne);
  }

  /** The job with its whole result, also where the job keeps only a note of it. */
  async inFull(job: TaskJob): Promise<BoardJob> {
    return new BoardJob({ job, actions: this.ofOne, storedResult: await largeResultOf(job, this.#store) });
  }

  /** @param addedBefore in ms since 1970; what was added later stays. */
  async removeWaiting(queue: TaskQueue, states: readonly WaitingState[], addedBefore: number): Promise<void> {
    const how = { queue, removal: this.#removal, why: whyRemoved(), addedBefore, signal: this.#closing };
    for (const state of states) await removeAllIn(state, how);
  }
}

/** The sentence of the result of a task whose job is removed. */
function whyRemoved(): string {
  return `Removed in the dashboard by ${currentVisit().visitor?.name ?? 'nobody'}`;
}
