import type { TaskStore } from '@taskwire/store';
import type { TaskQueue } from './queues.ts';
import { type CarriedTask, carriedTasks, type TaskJob } from './task-job.ts';

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

/** A retry takes milliseconds. */
const ABANDONED_AFTER_MS = 5000;

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
    const taskId = carriedTasks(job.data)[0]?.task_id;
    const options = { resetAttemptsMade: true, resetAttemptsStarted: true };
    if (taskId === undefined) return job.retry(state, options);
    const current = await this.#store.placeOf(taskId);
    if (current && current.jobId !== job.id) throw new NotTheTasksJobError(taskId, current.jobId);
    const keyOf = (name: string) => `${job.queueQualifiedName}:${name}`;
    const ended = { taskId, jobId: job.id as string, queue: job.queueName, keyOf };
    const [{ before, ...anew }] = carriedTasks(job.data) as [CarriedTask];
    if (before) await job.updateData({ tasks: [anew] });
    // The result must be gone when the job is back in its queue, so there is no time to wait for the first answer.
    const [reopened, retried] = await Promise.allSettled([this.#store.reopen(ended, state), job.retry(state, options)]);
    await this.#store.closeAgain(ended);
    for (const outcome of [retried, reopened]) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** Finishes retries that a web server began and did not live to finish: their tasks have a result again, or a new run. */
  async finishAbandoned(queues: ReadonlyMap<string, TaskQueue>): Promise<void> {
    for (const { at, ...ended } of await this.#store.reopened()) {
      const queue = queues.get(ended.queue);
      if (!queue || Date.now() - at < ABANDONED_AFTER_MS) continue;
      await this.#store.closeAgain({ ...ended, keyOf: (name) => `${queue.qualifiedName}:${name}` });
    }
  }
}
