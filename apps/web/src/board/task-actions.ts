import type { QueueJob } from '@bull-board/api/typings/app';
import { taskIdOfJob } from '@taskwire/protocol';
import {
  findTask,
  isShared,
  type JobRemoval,
  type JobRetry,
  seemsToBeIn,
  type TaskJob,
  type TaskQueue,
  tasksOf,
} from '@taskwire/queue';
import { isRedisFault } from '@taskwire/redis';
import type { AddBody } from './add/add-body.ts';
import { type AddTaskOptions, addTask } from './add/add-task.ts';
import { BoardError } from './board-error.ts';
import { boardJob, type JobActions } from './board-job.ts';
import { largeResultOf } from './show/large-result.ts';
import { shownLog } from './show/shown-log.ts';
import { shownTasks, viewedTask } from './show/shown-tasks.ts';
import { currentVisit } from './visit.ts';

export interface TaskActionsOptions extends AddTaskOptions {
  jobRetry: JobRetry;
  removal: JobRemoval;
  /** Aborted when the dashboard closes. */
  closing: AbortSignal;
}

/** So many jobs are in memory at once; each may be a megabyte. */
const PAGE_SIZE = 100;

/** What people do on the board. The current request tells who asks. */
export class TaskActions {
  readonly #options: TaskActionsOptions;
  /** For a single job. */
  readonly ofOne: JobActions = {
    remove: (job) => this.#remove(job),
    retry: async (job, state) => {
      if (viewedTask(job) || isShared(job.id)) throw isSharing('run again', 'Duplicate it instead.');
      await this.#options.jobRetry.retry(job, state);
    },
    definitionOf: (type) => this.#options.registry.get(type),
  };
  /** For each of many jobs: one that cannot be retried does not stop the others. */
  readonly ofMany: JobActions = {
    ...this.ofOne,
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

  list(jobs: readonly TaskJob[]): Promise<TaskJob[]> {
    return shownTasks(jobs, this.#options.store);
  }

  /** The view of a task that shares a job. */
  async viewOf(queue: TaskQueue, jobId: string): Promise<TaskJob | undefined> {
    const taskId = taskIdOfJob(jobId);
    if (taskId === undefined) return undefined;
    return findTask(queue, { jobId, taskId, place: await this.#options.store.placeOf(taskId) });
  }

  /** What a task has logged in this job, and where its handler threw. */
  async logsOf(jobId: string): Promise<string[]> {
    const { store } = this.#options;
    const taskId = taskIdOfJob(jobId) ?? '';
    const [place, run] = await Promise.all([store.placeOf(taskId), store.run(taskId)]);
    return run && place && seemsToBeIn(place, { jobId, taskId }) ? shownLog(run) : [];
  }

  /** The job with its whole result, even if the job keeps only a note of it. */
  async inFull(job: TaskJob): Promise<QueueJob> {
    return boardJob(job, this.ofOne, await largeResultOf(job, this.#options.store));
  }

  /**
   * Removes all jobs of a queue that wait in a state, newest first, so that BullMQ finds each at once. Ends after the
   * current page when the dashboard closes.
   *
   * @param addedBefore in ms since 1970; later jobs stay.
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
      const goOn = await Promise.all(old.map((job) => this.#goesOn(job)));
      await Promise.all(old.filter((_, index) => goOn[index]).map((job) => this.#remove(job)));
      const rest = old.filter((_, index) => !goOn[index]);
      kept += page.length - (await removal.removeWaiting(rest, why));
    }
  }

  /** A task that waits or runs ends with the error `cancelled`; the job of one that has ended just goes. */
  async #remove(job: TaskJob): Promise<void> {
    const { removal, client } = this.#options;
    const { shared, taskId = '' } = viewedTask(job) ?? {};
    const state = await (shared ?? job).getState();
    if (shared && state === 'completed') throw isSharing('removed', 'They go together.');
    const tasks = tasksOf(job);
    const isHeld = tasks.length > 0 && (state === 'active' || (await this.#goesOn(job)));
    if (!isHeld) {
      if (shared) await removal.endOne(shared, taskId, whyRemoved());
      else await removal.removeOne(job, whyRemoved());
      return;
    }
    // Its worker holds it, or must end what goes on elsewhere: so its task is cancelled, and it stays as a failed job.
    const outcomes = await Promise.all(tasks.map(({ task_id }) => client.cancel(task_id, { timeoutMs: 0 })));
    if (outcomes.some(({ status }) => status !== 'unknown')) return;
    throw new BoardError({
      status: 409,
      title: 'The job was not removed',
      message: 'A worker holds this job, but its task is no longer known: it leaves the queue when it has ended.',
      code: 'not_removable',
    });
  }

  /** Whether something of a task that waits may go on elsewhere. */
  async #goesOn(job: TaskJob): Promise<boolean> {
    const places = await Promise.all(tasksOf(job).map(({ task_id }) => this.#options.store.placeOf(task_id)));
    const { id } = viewedTask(job)?.shared ?? job;
    return places.some((place) => place?.jobId === id && place?.hasCheckpoint);
  }
}

function isSharing(done: string, instead: string): BoardError {
  return new BoardError({
    status: 409,
    title: `The task was not ${done}`,
    message: `This task has completed, in one job with others that came with it. ${instead}`,
    code: 'shared_job',
  });
}

/** The sentence in the result of a task whose job is removed. */
function whyRemoved(): string {
  return `Removed in the dashboard by ${currentVisit().visitor?.name ?? 'nobody'}`;
}
