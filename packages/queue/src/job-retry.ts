import type { TaskStore } from '@taskwire/store';
import { type TaskJob, tasksOf } from './task-job.ts';

/** The job no longer belongs to its task: running it again would answer another task with the same id. */
export class NotTheTasksJobError extends Error {
  readonly code = 'not_the_tasks_job';

  constructor(taskId: string, current: string) {
    super(
      `The task id ${taskId} now belongs to a newer job, ${current}: running this one again would answer that task. Duplicate it instead.`,
    );
    this.name = 'NotTheTasksJobError';
  }
}

/** Runs ended tasks again when an operator asks for it: the new result replaces the stored one. */
export class JobRetry {
  readonly #store: TaskStore;

  /** @param store over the connection of the queues, which keeps the order of commands. */
  constructor(store: TaskStore) {
    this.#store = store;
  }

  /**
   * @param state of the job: BullMQ refuses if it has changed.
   * @throws NotTheTasksJobError
   */
  async retry(job: TaskJob, state: 'completed' | 'failed'): Promise<void> {
    const taskId = tasksOf(job)[0]?.task_id;
    const options = { resetAttemptsMade: true, resetAttemptsStarted: true };
    if (taskId === undefined) return job.retry(state, options);
    const current = await this.#store.placeOf(taskId);
    if (current && current.jobId !== job.id) throw new NotTheTasksJobError(taskId, current.jobId);
    const jobId = job.id as string;
    const keyOf = (name: string) => `${job.queueQualifiedName}:${name}`;
    // Both at once: if the answer to the first were awaited, a crash in between would leave a task without its result.
    const [reopened, retried] = await Promise.allSettled([
      this.#store.reopen({ taskId, jobId, jobKey: keyOf(jobId), setKey: keyOf(state) }),
      job.retry(state, options),
    ]);
    if (retried.status === 'fulfilled') return;
    // Whoever else retried it just now runs it: its new result must not find the old one.
    const isEnded = ['completed', 'failed'].includes(await job.getState());
    if (reopened.status === 'fulfilled' && reopened.value && isEnded) {
      await this.#store.closeAgain(taskId, reopened.value);
    }
    throw retried.reason;
  }
}
