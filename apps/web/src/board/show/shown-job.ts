import type { QueueJobJson } from '@bull-board/api/typings/app';
import { taskIdOfJob } from '@taskwire/protocol';
import { carriedTasks, type TaskJob, type TaskJobData } from '@taskwire/queue';
import { showText } from '@taskwire/tasks/masking';

/** A job as the board shows it, apart from what the adapter's formatters do to its data and its return value. */
export function shownJob(job: TaskJob, storedResult?: unknown): QueueJobJson {
  const json = job.toJSON();
  // BullMQ keeps the traces of attempts before the one that succeeded, and Bull Board takes a job with traces for failed.
  const hasFailed = !json.finishedOn || (json.returnvalue ?? null) === null;
  return {
    ...json,
    data: shownRequest(job.name, job.data),
    attemptsMade: json.attemptsMade + (carriedTasks(job.data)[0]?.before?.failed ?? 0),
    opts: shownOptions(job),
    failedReason: hasFailed && json.failedReason ? showText(json.failedReason) : '',
    stacktrace: hasFailed ? (json.stacktrace ?? []).map(showText) : [],
    returnvalue: storedResult ?? json.returnvalue,
  };
}

/** The name and the task, shown as the name. A job added under such a name is named by its first word. */
export function shownName({ name, id }: QueueJobJson): string {
  const taskId = taskIdOfJob(String(id));
  return taskId === undefined ? name : `${name} (task ${taskId})`;
}

export function typeInShownName(name: string): string {
  return name.replace(/ \(task [^)]*\)$/, '');
}

/** What the requester asked for, to ask for it again; without the id, which names this task alone. */
export function shownRequest(name: string, data: TaskJobData): unknown {
  const [task] = carriedTasks(data);
  if (!task) return data;
  const { task_id: _, before: __, ...rest } = task;
  return { task_type: name, ...rest };
}

/** The options that a request has too. */
function shownOptions({ data, opts: { delay, priority } }: TaskJob): object {
  const isRetry = carriedTasks(data)[0]?.before !== undefined;
  return { ...(delay && !isRetry && { delay }), ...(priority && { priority }) };
}
