import type { QueueJobJson } from '@bull-board/api/typings/app';
import { taskIdOfJob } from '@taskwire/protocol';
import { carriedTasks, type TaskJob, type TaskJobData, tasksOf } from '@taskwire/queue';
import type { TaskDefinition } from '@taskwire/tasks';
import { maskedParameters, maskOf, showText } from '@taskwire/tasks/masking';

export interface ShownJobOptions {
  definitionOf: (taskType: string) => TaskDefinition | undefined;
  /** The whole result, when the job keeps only a note of it. */
  storedResult?: unknown;
}

/** A job as the board shows it, apart from what the adapter's formatters do to its data and its return value. */
export function shownJob(job: TaskJob, { definitionOf, storedResult }: ShownJobOptions): QueueJobJson {
  const json = job.toJSON();
  const [task] = tasksOf(job);
  const definition = definitionOf(task?.task_type ?? job.name);
  const result = storedResult ?? json.returnvalue;
  // BullMQ keeps the traces of attempts before the one that succeeded, and Bull Board takes a job with traces for failed.
  const hasFailed = !json.finishedOn || (json.returnvalue ?? null) === null;
  return {
    ...json,
    data: shownRequest(job.name, job.data, definition),
    attemptsMade: json.attemptsMade + (carriedTasks(job.data)[0]?.before?.failed ?? 0),
    opts: shownOptions(job),
    failedReason: hasFailed && json.failedReason ? showText(json.failedReason) : '',
    stacktrace: hasFailed ? (json.stacktrace ?? []).map((trace) => showText(trace)) : [],
    returnvalue: maskOf(definition, task?.parameters)?.in(result) ?? result,
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
export function shownRequest(name: string, data: TaskJobData, definition: TaskDefinition | undefined): unknown {
  const [task] = carriedTasks(data);
  if (!task) return data;
  const { task_id: _, before: __, ...rest } = task;
  return { task_type: name, ...rest, parameters: maskedParameters(definition, rest.parameters) };
}

/** The options that a request has too. */
function shownOptions({ data, opts: { delay, priority } }: TaskJob): object {
  const isRetry = carriedTasks(data)[0]?.before !== undefined;
  return { ...(delay && !isRetry && { delay }), ...(priority && { priority }) };
}
