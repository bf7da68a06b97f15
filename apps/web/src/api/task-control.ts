import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Validated, validateDecoded } from '@taskwire/admission';
import type { AuditEntry } from '@taskwire/history';
import { decodeMessage, isRefusal, type JsonObject, type Rejection, type TaskRequest } from '@taskwire/protocol';
import { carriedTasks, isShared, JobRetry, type TaskView, tasksOf } from '@taskwire/queue';
import { isRedisFault } from '@taskwire/redis';
import type { TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { findMark } from '@taskwire/tasks/masking';
import type { HttpIntake } from './intake.ts';
import type { FoundTask, TaskReader } from './task-reader.ts';

/** Notes what somebody did, in the log and the history. */
export type Audit = (entry: AuditEntry) => void;

/** `asked`: it ends soon, or has ended now. */
export type CancelOutcome = { status: 'asked' | 'ended' | 'unknown' | 'no_room' | 'unavailable' };

export type RetryOutcome =
  /** The same task runs again, and its new result replaces the old one. */
  | { status: 'again'; taskId: string }
  /** A new task runs with what the old one was asked with. */
  | { status: 'new'; taskId: string }
  | { status: 'not_ended' | 'unknown' | 'no_room' | 'unavailable' }
  /** As a new task, by somebody else. */
  | { status: 'retried'; as: string }
  /** Something of its request is not known any more. */
  | { status: 'not_kept'; why: string }
  /** Its task type, or what that accepts, has changed. */
  | { status: 'refused'; rejection: Rejection };

export interface TaskControl {
  /** @param by who does it. */
  cancel(taskId: string, by: string): Promise<CancelOutcome>;
  retry(taskId: string, by: string): Promise<RetryOutcome>;
}

export interface TaskControlOptions {
  intake: HttpIntake;
  reader: TaskReader;
  /** Over the connection of the reader's queues. */
  store: TaskStore;
  registry: TaskRegistry;
  audit: Audit;
}

/** Between the result of a task and the end of its job are milliseconds. */
const TOLD_WITHIN_MS = 1000;
const LOOK_INTERVAL_MS = 20;

const CANCELS = { under_way: 'asked', ended: 'ended', unknown: 'unknown' } as const;

/** What people and programs do with tasks that are there. */
export function createTaskControl({ intake, reader, store, registry, audit }: TaskControlOptions): TaskControl {
  const jobRetry = new JobRetry(store);

  return {
    async cancel(taskId, by) {
      const settled = await intake.cancel(taskId);
      if (settled?.status !== 'durable') return { status: settled ? 'no_room' : 'unavailable' };
      const status = CANCELS[settled.task as keyof typeof CANCELS];
      if (status === 'asked') audit({ by, action: 'cancel', task_id: taskId });
      return { status };
    },
    async retry(taskId, by) {
      const outcome = await retry(taskId);
      const detail = outcome.status === 'new' ? `as ${outcome.taskId}` : undefined;
      if ('taskId' in outcome) audit({ by, action: 'retry', task_id: taskId, detail });
      return outcome;
    },
  };

  async function retry(taskId: string): Promise<RetryOutcome> {
    const found = await whenToldOfItsEnd(taskId);
    const { job, state, result, place } = found;
    const isOwn = job && !isShared((job as TaskView).shared?.id);
    if (!hasEnded(state) && (isOwn || (result === null && place))) return { status: 'not_ended' };
    if (!isOwn) return asNew(await requestOf(taskId, found));
    try {
      await jobRetry.retry(job, state === 'error' ? 'failed' : 'completed');
      return { status: 'again', taskId };
    } catch (error) {
      if (isRedisFault(error)) throw error;
      // Somebody else was a little faster.
      return { status: 'not_ended' };
    }
  }

  /** A job is told a little later than everybody else that its task has ended. */
  async function whenToldOfItsEnd(taskId: string): Promise<FoundTask> {
    for (const deadline = performance.now() + TOLD_WITHIN_MS; ; ) {
      const found = await reader.find(taskId);
      const { job, state, result } = found;
      const isToBeTold = job && result !== null && state === 'running' && !isShared((job as TaskView).shared?.id);
      if (!isToBeTold || performance.now() > deadline) return found;
      await delay(LOOK_INTERVAL_MS);
    }
  }

  async function asNew(request: JsonObject | 'unknown' | { why: string }): Promise<RetryOutcome> {
    if (request === 'unknown') return { status: 'unknown' };
    if ('why' in request) return { status: 'not_kept', why: request.why as string };
    const validated: Validated = validateDecoded(decodeMessage(request), registry);
    if (validated.status === 'rejected') return { status: 'refused', rejection: validated.rejection };
    const [settled] = (await intake.submit([validated], { bytes: JSON.stringify(request).length })) ?? [];
    if (settled?.status === 'durable') {
      const { task, taskId } = settled;
      return task === 'new' ? { status: 'new', taskId } : { status: 'retried', as: taskId };
    }
    return settled ?? { status: 'unavailable' };
  }

  /** What the task was asked with, from its job if that is kept, else from the history. */
  async function requestOf(
    taskId: string,
    { job, result }: FoundTask,
  ): Promise<JsonObject | 'unknown' | { why: string }> {
    const endedAt = result === null ? job?.finishedOn : JSON.parse(result).timestamp;
    if (job) {
      const [task] = tasksOf(job);
      const { timeout_ms, attempts, reply_to } = carriedTasks(job.data)[0] ?? {};
      const { task_type, parameters, user_id, metadata } = task as unknown as TaskRequest;
      const task_id = idOfRetry(taskId, endedAt);
      return defined({ task_id, task_type, parameters, user_id, metadata, timeout_ms, attempts, reply_to });
    }
    const past = await reader.past(taskId);
    if (!past && result === null) return 'unknown';
    if (!past) return { why: 'Its job is gone (jobs.keep_seconds), and no history has it.' };
    const { task_type, parameters, user_id, metadata } = past;
    if (isRefusal(past)) return { why: 'It was refused, and never became a task.' };
    if (parameters === null) {
      return { why: 'Its parameters are not kept: they were larger than 8 KiB, or history.parameters is false.' };
    }
    if (metadata === null) return { why: 'Its metadata is not kept: it was larger than 8 KiB.' };
    const mark = findMark(parameters as JsonObject, 'parameters');
    if (mark) return { why: `Its ${mark.path} is secret, and only kept as ${mark.mark}.` };
    const task_id = idOfRetry(taskId, endedAt ?? past.ended_at);
    return defined({ task_id, task_type, parameters, user_id, metadata });
  }
}

/** The same for all who retry this run of the task: so the admission makes one task of them. */
function idOfRetry(taskId: string, endedAt: unknown): string {
  return `retry-${createHash('sha256').update(`${taskId} ${endedAt}`).digest('hex').slice(0, 32)}`;
}

function hasEnded(state: FoundTask['state']): boolean {
  return state === 'completed' || state === 'error';
}

/** Without what is undefined, as JSON has none. */
function defined(request: object): JsonObject {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}
