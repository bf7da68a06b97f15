import type { TaskStore } from '@taskwire/store';
import type { TaskQueue } from './queues.ts';
import { type CarriedTask, carriedTasks, type TaskJob } from './task-job.ts';

/** The job is left as it is; the message says why. */
export class NotRetriedError extends Error {
  readonly code = 'not_retried';
}

/** A retry takes milliseconds. */
const ABANDONED_AFTER_MS = 5000;

/** Runs ended tasks again when an operator asks for it: the new result replaces the stored one. */
export class JobRetry {
  readonly #store: TaskStore;

  constructor(store: TaskStore) {
    this.#store = store;
  }

  /**
   * @param job as it was seen: it is not retried when somebody else has run it again since, or is about to.
   * @param state of the job: BullMQ refuses if it has changed.
   * @throws NotRetriedError
   */
  async retry(job: TaskJob, state: 'completed' | 'failed'): Promise<void> {
    const taskId = carriedTasks(job.data)[0]?.task_id;
    const options = { resetAttemptsMade: true, resetAttemptsStarted: true };
    if (taskId === undefined) return job.retry(state, options);
    const current = await this.#store.placeOf(taskId);
    if (current && current.jobId !== job.id) throw new NotRetriedError(newerJob(taskId, current.jobId));
    const keyOf = (name: string) => `${job.queueQualifiedName}:${name}`;
    const ended = { taskId, jobId: job.id as string, queue: job.queueName, keyOf };
    const isOurs = await this.#store.reopen(ended, { state, endedAt: job.finishedOn });
    if (!isOurs) throw new NotRetriedError('Somebody else retries this task.');
    try {
      const [{ before, ...anew }] = carriedTasks(job.data) as [CarriedTask];
      if (before) await job.updateData({ tasks: [anew] });
      await job.retry(state, options);
    } finally {
      await this.#store.closeAgain(ended);
    }
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

function newerJob(taskId: string, job: string): string {
  return `The task id ${taskId} now belongs to a newer job, ${job}: running this one again would answer that task. Duplicate it instead.`;
}
