import { isJsonObject } from '@taskwire/protocol';
import { type TaskJob, tasksOf } from '@taskwire/queue';
import type { TaskStore } from '@taskwire/store';
import { viewedTask } from './shown-tasks.ts';

/** Parsing a larger one, every few seconds while somebody looks, would block the dashboard. */
const MAX_SHOWN_BYTES = 512 * 1024;

/** The result of a job that keeps only a note of it, because it is large, or shared; undefined when the job keeps it all. */
export async function largeResultOf(job: TaskJob, store: TaskStore): Promise<unknown> {
  const taskId = tasksOf(job)[0]?.task_id;
  if (taskId === undefined) return undefined;
  const { shared } = viewedTask(job) ?? {};
  const isLeftOut = isJsonObject(job.returnvalue) && Object.keys(job.returnvalue).join() === 'stored';
  if (!shared && !isLeftOut) return undefined;
  // The id may belong to another job by now, and the result too.
  if ((await store.placeOf(taskId))?.jobId !== (shared ?? job).id) return undefined;
  const bytes = await store.resultSize(taskId);
  if (bytes > MAX_SHOWN_BYTES) {
    return { stored: `The result has ${bytes} bytes, too many for this page: see taskwire result ${taskId}` };
  }
  const message: unknown = JSON.parse((await store.result(taskId)) ?? 'null');
  return isJsonObject(message) ? message.result : undefined;
}
