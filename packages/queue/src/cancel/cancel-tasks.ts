import type { Announcer, CancelRequest, TaskPlace, TaskStore } from '@taskwire/store';
import type { Redis } from 'ioredis';
import { findJob } from '../find-job.ts';
import type { TaskQueue } from '../queues.ts';
import { isShared, type TaskJob, tasksOf } from '../task-job.ts';
import type { JobRemoval } from './job-removal.ts';

export interface CancelTasksOptions {
  store: TaskStore;
  removal: JobRemoval;
  queues: ReadonlyMap<string, TaskQueue>;
  announcer: Announcer;
  redis: Redis;
}

/** In other states a worker has the job, or it has ended and is only kept. */
const WAITING: readonly string[] = ['waiting', 'prioritized', 'delayed'];

/** Ends tasks that somebody has cancelled. */
export class CancelTasks {
  readonly #options: CancelTasksOptions;

  constructor(options: CancelTasksOptions) {
    this.#options = options;
  }

  /**
   * Cancels a task: removes it from its queue if it waits there; else the worker that runs it stops it. Publishes the
   * result, or an event. Repeating it is safe.
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
    if (job && (await this.#endIfWaiting(job, request.job, taskId))) return 'asked';
    // A worker has it and was told, and may have ended it by now; or one will take it and end what goes on elsewhere.
    const task = job && tasksOf(job).find(({ task_id }) => task_id === taskId);
    const about = { task_id: taskId, task_type: task?.task_type ?? null, user_id: task?.user_id ?? null, timestamp };
    announcer.event({ ...about, event: 'cancel_requested' });
    return 'asked';
  }

  /** Ends a task that was cancelled a while ago, if no worker has it: it came back to its queue, or its worker is dead. */
  async endUnlessHeld(taskId: string, place: TaskPlace): Promise<void> {
    const job = await this.#find(place);
    if (!job) return;
    if (await this.#endIfWaiting(job, place, taskId)) return;
    const isLost = (await job.isActive()) && !(await this.#isHeld(job));
    if (!isLost || place.hasCheckpoint) return;
    // Else counted when a worker notices it.
    job.stalledCounter += 1;
    await this.#end(job, taskId);
  }

  /** @returns whether the task has its result; one with a checkpoint gets it from a worker, at once if it was to wait */
  async #endIfWaiting(job: TaskJob, { hasCheckpoint }: TaskPlace, taskId: string): Promise<boolean> {
    const state = await job.getState();
    if (!WAITING.includes(state)) return false;
    if (!hasCheckpoint) return this.#end(job, taskId);
    if (state === 'delayed') await job.promote().catch(() => undefined);
    return false;
  }

  /**
   * Removes the waiting job of a task that has its result: a slow processor may have added the job after it was
   * removed.
   */
  async removeLeftover(taskId: string): Promise<void> {
    const { store } = this.#options;
    const [place, resultSize] = await Promise.all([store.placeOf(taskId), store.resultSize(taskId)]);
    if (place === undefined || resultSize === 0) return;
    const job = await this.#find(place);
    if (!job || isShared(job.id) || !WAITING.includes(await job.getState())) return;
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

  /**
   * Whether the task is ended: no worker loses what it holds. A job that it shares stays; whoever takes that finds the result
   * of the task.
   */
  async #end(job: TaskJob, taskId: string): Promise<boolean> {
    const { removal } = this.#options;
    return isShared(job.id) ? removal.endOne(job, taskId) : (await removal.removeWaiting([job])) > 0;
  }
}
