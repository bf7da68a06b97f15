import type { TaskPlace } from '@taskwire/store';
import type { TaskQueue } from './queues.ts';
import type { TaskJob } from './task-job.ts';

/** The job of a task; undefined if it was removed, or is in a queue that this process does not know. */
export async function findJob(
  queues: ReadonlyMap<string, TaskQueue>,
  { jobId, queue }: TaskPlace,
): Promise<TaskJob | undefined> {
  if (queue !== '') return queues.get(queue)?.getJob(jobId);
  // A task of format 1: its record does not name the queue.
  const jobs = await Promise.all([...queues.values()].map((each) => each.getJob(jobId)));
  return jobs.find((job) => job !== undefined);
}
