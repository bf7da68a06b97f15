import { cancelledInQueue } from '@taskwire/execution';
import type { Announcer, Cancellations, KnownTasks } from '@taskwire/store';
import type { Redis } from 'ioredis';
import type { TaskQueue } from '../queues.ts';
import type { JobRemoval } from '../removal/job-removal.ts';
import type { TaskJob } from '../task-job.ts';

export interface CancelTasksOptions {
  cancellations: Cancellations;
  removal: JobRemoval;
  tasks: KnownTasks;
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
  async cancel(taskId: string): Promise<void> {
    const { cancellations, announcer } = this.#options;
    const { status, jobId } = await cancellations.ask(taskId);
    const timestamp = new Date().toISOString();
    if (status !== 'asked') {
      const about = { task_id: taskId, task_type: null, user_id: null, timestamp };
      announcer.event({ ...about, event: 'cancel_refused', reason: status });
      return;
    }
    const job = await this.#find(jobId);
    if (job && WAITING.includes(await job.getState()) && (await this.#remove(job))) return;
    // A worker has it, and was told. It may have ended it by now.
    const about = { task_id: taskId, task_type: job?.name ?? null, user_id: job?.data.user_id ?? null, timestamp };
    announcer.event({ ...about, event: 'cancel_requested' });
  }

  /** Ends a task that was cancelled a while ago, if no worker has it: it came back to its queue, or its worker is dead. */
  async endUnlessHeld(jobId: string): Promise<void> {
    const job = await this.#find(jobId);
    if (!job) return;
    const state = await job.getState();
    if (WAITING.includes(state) || (state === 'active' && !(await this.#isHeld(job)))) await this.#remove(job);
  }

  /**
   * Takes the job of a task out of its queue that has its result: a processor that was slower than others to add it may
   * have done so after it was removed.
   */
  async removeLeftover(taskId: string): Promise<void> {
    const { tasks } = this.#options;
    const [jobId, resultSize] = await Promise.all([tasks.jobIdOf(taskId), tasks.resultSize(taskId)]);
    if (jobId === undefined || resultSize === 0) return;
    const job = await this.#find(jobId);
    if (!job || !WAITING.includes(await job.getState())) return;
    // A worker that has taken it ends it as its result says.
    await job.remove().catch(() => undefined);
  }

  /** The job, whatever queue it is in: what is known of a task does not say. */
  async #find(jobId: string): Promise<TaskJob | undefined> {
    const queues = [...this.#options.queues.values()];
    const jobs = await Promise.all(queues.map((queue) => queue.getJob(jobId)));
    return jobs.find((job) => job !== undefined);
  }

  /** Whether a worker works on it; else it was lost, and nobody has noticed yet. */
  async #isHeld(job: TaskJob): Promise<boolean> {
    return (await this.#options.redis.exists(`${job.queueQualifiedName}:${job.id}:lock`)) === 1;
  }

  /** Whether it was removed: no worker loses what it holds. */
  async #remove(job: TaskJob): Promise<boolean> {
    const { error } = cancelledInQueue(job.attemptsStarted);
    return (await this.#options.removal.removeWaiting([job], error)) > 0;
  }
}
