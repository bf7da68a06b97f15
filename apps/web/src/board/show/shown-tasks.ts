import { type TaskJob, type TaskView, tasksOf } from '@taskwire/queue';
import type { TaskStore } from '@taskwire/store';

/** Of a longer result, a list says only that there is one. */
const MAX_LISTED_BYTES = 2048;

/** The task that a view shows; undefined for a job that is the task's own. */
export function viewedTask(job: TaskJob | TaskView): { taskId: string; shared: TaskJob } | undefined {
  const taskId = tasksOf(job)[0]?.task_id;
  return 'shared' in job && taskId !== undefined ? { taskId, shared: job.shared } : undefined;
}

/**
 * The jobs that belong into a list: of a shared job that runs, not the tasks that have ended. Those of one that has completed show their
 * results, which it does not keep.
 */
export async function shownTasks(jobs: readonly (TaskJob | TaskView)[], store: TaskStore): Promise<TaskJob[]> {
  const shown = await Promise.all(jobs.map((job) => shownTask(job, store)));
  return shown.filter((job) => job !== undefined);
}

async function shownTask(job: TaskJob | TaskView, store: TaskStore): Promise<TaskJob | undefined> {
  const viewed = viewedTask(job);
  if (!viewed) return job;
  const { taskId, shared } = viewed;
  const start = await store.resultStart(taskId, MAX_LISTED_BYTES);
  if (shared.finishedOn === undefined) return start === '' ? job : undefined;
  const isWhole = start.length > 0 && Buffer.byteLength(start) < MAX_LISTED_BYTES;
  const result = isWhole ? JSON.parse(start).result : { stored: `See taskwire result ${taskId}` };
  return Object.assign(job, { returnvalue: result });
}
