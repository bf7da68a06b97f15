import { randomBytes } from 'node:crypto';
import { isJsonObject, isRawNumber, type JsonObject, jobIdOf, rawNumber, type TaskRequest } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';
import type { BulkJobOptions, Job } from 'bullmq';

/**
 * What a job carries of a task: only what its name and time stamp do not say, without defaults. Redis stores every
 * byte of it several times.
 */
export interface CarriedTask {
  task_id: string;
  /** In a shared job; else it is the name of the job. */
  task_type?: string;
  parameters: JsonObject;
  user_id?: string | number;
  /** Instead, of one that is a number with more digits than JavaScript's numbers hold: BullMQ would lose them. */
  user_id_digits?: string;
  metadata?: JsonObject;
  reply_to?: string;
  timeout_ms?: number;
  /** Only if the request has it; otherwise the task's definition in the worker decides. */
  attempts?: number;
  /** Of a task that has left a shared job: what happened to it there. */
  before?: Before;
}

/** Counts of runs, as BullMQ has them for a job. */
export interface Before {
  started: number;
  failed: number;
  lost: number;
  /** Why it has failed for good: then nothing is left to do but to show that. */
  failure?: string;
}

/** The tasks of a job: one, or several light ones. Jobs of format 1 are that task themselves. */
export type TaskJobData = { tasks: CarriedTask[] } | CarriedTask;

/** What a finished job keeps in BullMQ: the result itself when it is small, else where to find it. */
export type TaskJobReturn = JsonObject;

export type TaskJob = Job<TaskJobData, TaskJobReturn> & {
  /** Whether none of its tasks had ended or left when a worker took it. */
  isWhole?: boolean;
};

export interface NewTaskJob {
  name: string;
  data: TaskJobData;
  opts: BulkJobOptions;
}

/** How the id of a job begins that several tasks share. */
export const SHARED_JOB = 'b-';

/** @param nowMs distinguishes the job from that of an earlier task with this id, which may still be kept. */
export function newJobId(taskId: string, nowMs: number): string {
  return `${jobIdOf(taskId)}.${nowMs.toString(36)}`;
}

/** @param nowMs is that of the jobs which its tasks may get later. */
export function newSharedJobId(nowMs: number): string {
  return `${SHARED_JOB}${randomBytes(6).toString('hex')}.${nowMs.toString(36)}`;
}

export function isShared(jobId: string | undefined): boolean {
  return jobId?.startsWith(SHARED_JOB) ?? false;
}

/** The job that a task gets when it leaves a shared one: whoever makes it, it is the same. */
export function ownJobId(taskId: string, sharedJobId: string): string {
  return `${jobIdOf(taskId)}${sharedJobId.slice(sharedJobId.lastIndexOf('.'))}`;
}

/**
 * The job for a request, for BullMQ's `addBulk`.
 *
 * @param traceparent the trace that its run belongs to. Default: the one that the request names.
 */
export function jobFor(request: TaskRequest, jobId: string, traceparent = request.traceparent): NewTaskJob {
  const { task_type, priority, delay_ms } = request;
  return {
    name: task_type,
    data: { tasks: [carriedOf(request)] },
    opts: {
      jobId,
      ...(priority !== undefined && { priority }),
      ...(delay_ms !== undefined && { delay: delay_ms }),
      ...(traceparent !== undefined && { telemetry: { metadata: JSON.stringify({ traceparent }) } }),
    },
  };
}

/** The job that several requests share; see `count-tasks.lua` for its name. */
export function sharedJobFor(requests: readonly TaskRequest[], jobId: string): NewTaskJob {
  const tasks = requests.map((request) => ({ task_type: request.task_type, ...carriedOf(request) }));
  return { name: `${tasks.length} tasks`, data: { tasks }, opts: { jobId } };
}

function carriedOf(request: TaskRequest): CarriedTask {
  const { task_id, parameters, user_id, metadata, reply_to, timeout_ms, attempts } = request;
  return {
    task_id,
    parameters,
    ...(isRawNumber(user_id) ? { user_id_digits: user_id.rawJSON } : user_id !== null && { user_id }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(reply_to !== undefined && { reply_to }),
    ...(timeout_ms !== undefined && { timeout_ms }),
    ...(attempts !== undefined && { attempts }),
  };
}

/** How a task goes on that leaves a shared job. */
export interface Leaving {
  before: Before;
  delayMs?: number | undefined;
}

/** The job of a task that leaves a shared one. Without a delay it is the next one of its queue: it has waited before. */
export function ownJobFor(shared: TaskJob, task: CarriedTask, { before, delayMs }: Leaving): NewTaskJob {
  const { task_type = shared.name, ...carried } = task;
  return {
    name: task_type,
    data: { tasks: [{ ...carried, before }] },
    opts: {
      jobId: ownJobId(task.task_id, shared.id as string),
      timestamp: shared.timestamp,
      ...(delayMs === undefined ? { lifo: true } : { delay: delayMs }),
    },
  };
}

/** A task as its worker gets it. */
export interface JobTask extends AcceptedTask {
  before: Before | undefined;
}

const NEVER_RUN: Before = { started: 0, failed: 0, lost: 0 };

/** How often a task was run, in its job and in the one that it shared before. */
export function runsOf(
  job: Pick<TaskJob, 'attemptsStarted' | 'attemptsMade' | 'stalledCounter'>,
  { before = NEVER_RUN }: Pick<JobTask, 'before'>,
): Omit<Before, 'failure'> {
  return {
    started: before.started + job.attemptsStarted,
    failed: before.failed + job.attemptsMade,
    lost: before.lost + job.stalledCounter,
  };
}

/** The tasks that a job carries; none for a job that is not from taskwire. */
export function tasksOf({ name, data, timestamp }: Pick<TaskJob, 'name' | 'data' | 'timestamp'>): JobTask[] {
  return carriedTasks(data).map((task) => ({
    task_id: task.task_id,
    task_type: task.task_type ?? name,
    parameters: task.parameters,
    user_id: task.user_id_digits === undefined ? (task.user_id ?? null) : rawNumber(task.user_id_digits),
    metadata: task.metadata ?? {},
    reply_to: task.reply_to,
    timeout_ms: task.timeout_ms,
    attempts: task.attempts,
    acceptedAt: timestamp,
    before: task.before,
  }));
}

/** The tasks in the data of a job, as they came: without defaults. */
export function carriedTasks(data: TaskJobData | null | undefined): CarriedTask[] {
  if (!isJsonObject(data)) return [];
  const tasks = Array.isArray(data.tasks) ? (data.tasks as unknown as CarriedTask[]) : [data as unknown as CarriedTask];
  return tasks.filter((task) => typeof task?.task_id === 'string');
}

/** A task of a shared job, as the job of its own that it seems to be. It has no state of its own in BullMQ. */
export type TaskView = TaskJob & { shared: TaskJob };

/** @param gone the tasks that have left it. */
export function viewsOf(shared: TaskJob, gone: readonly string[] = []): TaskView[] {
  const progress = isJsonObject(shared.progress) ? shared.progress : {};
  const tasks = carriedTasks(shared.data).filter(({ task_id }) => !gone.includes(task_id));
  return tasks.map((task) => {
    const { name, data, opts } = ownJobFor(shared, task, { before: NEVER_RUN });
    const own = { id: opts.jobId, name, data, progress: progress[task.task_id] ?? 0, shared };
    return Object.assign(Object.create(Object.getPrototypeOf(shared)), shared, own);
  });
}

/** The job of a task, or its view if it shares one. */
export function viewOf(job: TaskJob, taskId: string): TaskJob | TaskView | undefined {
  if (!isShared(job.id)) return job;
  return viewsOf(job).find((view) => carriedTasks(view.data)[0]?.task_id === taskId);
}
