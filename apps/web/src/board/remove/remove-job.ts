import type { TaskwireClient } from '@taskwire/client';
import { type JobRemoval, type TaskJob, tasksOf } from '@taskwire/queue';
import { BoardError } from '../board-error.ts';

/**
 * Removes one job. The task of one that waits, or runs, ends in the error `cancelled`; one that has ended just goes.
 *
 * @param why the sentence of the result of a task that waited.
 */
export type RemoveJob = (job: TaskJob, why: string) => Promise<void>;

export function createRemoveJob({ removal, client }: { removal: JobRemoval; client: TaskwireClient }): RemoveJob {
  return async (job, why) => {
    const [task] = tasksOf(job);
    if (!task || (await job.getState()) !== 'active') return removal.removeOne(job, why);
    // Its worker holds it: so it is ended by whoever cancels tasks, and stays as a failed job.
    const { status } = await client.cancel(task.task_id, { timeoutMs: 0 });
    if (status !== 'unknown') return;
    throw new BoardError({
      status: 409,
      title: 'The job was not removed',
      message: 'A worker holds this job, but its task is no longer known: it leaves the queue when it has ended.',
      code: 'not_removable',
    });
  };
}
