import type { Announcer, CancelRequest, TaskPlace, TaskStore } from '@taskwire/store';
import type { Redis } from 'ioredis';
import { findJob } from '../find-job.ts';
import type { TaskQueue } from '../queues.ts';
import { type TaskJob, tasksOf } from '../task-job.ts';
import type { JobRemoval } from './job-removal.ts';

export interface CancelTasksOptions {
  store: TaskStore;
  removal: JobRemoval;
  queues: ReadonlyMap<string, TaskQueue>;
  announcer: Announcer;
  redis: Redis;
}

/** Others are with a worker, or have ended and stay to be seen. */
const WAITING: readonly string[] = ['waiting', 'prioritized', 'delayed'];

/** Ends tasks that somebody has cancelled. */
export class CancelTasks {
  readonly #options: CancelTasksOptions;

  constructor(options: CancelTasksOptions) {
    this.#options = options;
  }

  /**
   * Cancels a task: out of its queue if it waits there, else by the worker that runs it. Says what there is to say: the
   * result, or an event. Doing so again is safe.
   */
  async cancel(taskId: string): Promise<CancelRequest['status']> {
    const { store, announcer } = this.#options;
    const request = await store.requestCancel(taskId);
    const timestamp = new Date().toISOString();
    if (request.status !== 'asked') {
      const about = { task_id: taskId, task_type: null, user_id: null, timestamp };
      announcer.event({ ...about, event: 'cancel_refused', reason: request.status });
      return request.status;
    }
    const job = await this.#find(request.job);
    if (job && WAITING.includes(await job.getState()) && (await this.#remove(job))) return 'asked';
    // A worker has it, and was told. It may have ended it by now.
    const task = job && tasksOf(job).find(({ task_id }) => task_id === taskId);
    const about = { task_id: taskId, task_type: task?.task_type ?? null, user_id: task?.user_id ?? null, timestamp };
    announcer.event({ ...about, event: 'cancel_requested' });
    return 'asked';
  }

  /** Ends a task that was cancelled a while ago, if no worker has it: it came back to its queue, or its worker is dead. */
  async endUnlessHeld(place: TaskPlace): Promise<void> {
    const job = await this.#find(place);
    if (!job) return;
    const state = await job.getState();
    if (WAITING.includes(state) || (state === 'active' && !(await this.#isHeld(job)))) await this.#remove(job);
  }

  /**
   * Takes the job of a task out of its queue that has its result: a processor that was slower than others to add it may
   * have done so after it was removed.
   */
  async removeLeftover(taskId: string): Promise<void> {
    const { store } = this.#options;
    const [place, resultSize] = await Promise.all([store.placeOf(taskId), store.resultSize(taskId)]);
    if (place === undefined || resultSize === 0) return;
    const job = await this.#find(place);
    if (!job || !WAITING.includes(await job.getState())) return;
    // A worker that has taken it ends it as its result says.
    await job.remove().catch(() => undefined);
  }

  #find(place: TaskPlace): Promise<TaskJob | undefined> {
    return findJob(this.#options.queues, place);
  }

  /** Whether a worker works on it; else it was lost, and nobody has noticed yet. */
  async #isHeld(job: TaskJob): Promise<boolean> {
    return (await this.#options.redis.exists(`${job.queueQualifiedName}:${job.id}:lock`)) === 1;
  }

  /** Whether it was removed: no worker loses what it holds. */
  async #remove(job: TaskJob): Promise<boolean> {
    return (await this.#options.removal.removeWaiting([job])) > 0;
  }
}
