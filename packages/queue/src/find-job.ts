import type { TaskPlace } from '@taskwire/store';
import type { TaskQueue } from './queues.ts';
import { isShared, ownJobId, type TaskJob, type TaskView, viewOf } from './task-job.ts';

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

/** The task that seems to have this job: it may share another one. */
export async function findTask(
  queue: TaskQueue,
  { jobId, taskId, place }: { jobId: string; taskId: string; place: TaskPlace | undefined },
): Promise<TaskJob | TaskView | undefined> {
  if (!place || !isShared(place.jobId) || !seemsToBeIn(place, { jobId, taskId })) return undefined;
  const shared = await queue.getJob(place.jobId);
  return shared && viewOf(shared, taskId);
}

/** Whether a job is that of the task now, or the one that the task seems to have while it shares one. */
export function seemsToBeIn(place: TaskPlace, { jobId, taskId }: { jobId: string; taskId: string }): boolean {
  return jobId === (isShared(place.jobId) ? ownJobId(taskId, place.jobId) : place.jobId);
}
