import { cancelledInQueue, errorResult } from '@taskwire/execution/results';
import type { FinalResult } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { runsOf, type TaskJob, tasksOf } from '../task-job.ts';
import { requestOf } from '../told.ts';

/** The result of a task that was taken from its queue before it ended. */
export interface Cancellation {
  queue: string;
  jobId: string;
  result: FinalResult;
  replyTo?: string;
  /** What the results stream says of its request: JSON. */
  request?: string;
}

/**
 * One for each task of a job; none for a job that is not from taskwire: nobody waits for a result.
 *
 * @param why the sentence of the results. Default: that somebody cancelled them.
 */
export function cancellationsOf(job: TaskJob, registry: Pick<TaskRegistry, 'get'>, why?: string): Cancellation[] {
  const { id: jobId, queueName: queue } = job;
  if (jobId === undefined) return [];
  return tasksOf(job).map((task) => {
    const { started, failed, lost } = runsOf(job, task);
    const failure = cancelledInQueue(started);
    const attempt = { task, number: failed, lost, startedAt: Date.now() };
    const result = errorResult(attempt, { ...failure, error: why ?? failure.error });
    const request = requestOf(task, registry.get(task.task_type));
    return { queue, jobId, result, request, ...(task.reply_to !== undefined && { replyTo: task.reply_to }) };
  });
}
