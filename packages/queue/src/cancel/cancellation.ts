import { cancelledInQueue, errorResult } from '@taskwire/execution';
import type { FinalResult } from '@taskwire/store';
import { type TaskJob, tasksOf } from '../task-job.ts';

/** The result of a task whose job was removed from the queue before the task ended. */
export interface Cancellation {
  queue: string;
  jobId: string;
  result: FinalResult;
  replyTo?: string;
}

/**
 * Undefined for a job that carries no task: it is not from taskwire, and nobody waits for a result.
 *
 * @param why the sentence of the result. Default: that somebody cancelled it.
 */
export function cancellationOf(job: TaskJob, why?: string): Cancellation | undefined {
  const [task] = tasksOf(job);
  if (!task || job.id === undefined) return undefined;
  const failure = cancelledInQueue(job.attemptsStarted);
  const attempt = { task, number: job.attemptsMade, lost: job.stalledCounter, startedAt: Date.now() };
  const result = errorResult(attempt, { ...failure, error: why ?? failure.error });
  return {
    queue: job.queueName,
    jobId: job.id,
    result,
    ...(task.reply_to !== undefined && { replyTo: task.reply_to }),
  };
}
