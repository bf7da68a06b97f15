import type { JsonObject, TaskRequest } from '@taskwire/protocol';
import type { BulkJobOptions, Job } from 'bullmq';

/**
 * What a BullMQ job carries of a task: what its name and time stamp do not say, and no defaults. Every byte here is
 * paid for several times in Redis.
 */
export interface TaskJobData {
  task_id: string;
  parameters: JsonObject;
  user_id?: string | number;
  metadata?: JsonObject;
  reply_to?: string;
  timeout_ms?: number;
  /** Only if the request says so; otherwise the task's definition in the worker does. */
  attempts?: number;
}

/** What a finished job keeps in BullMQ: the result itself when it is small, else where to find it. */
export type TaskJobReturn = JsonObject;

export type TaskJob = Job<TaskJobData, TaskJobReturn>;

/** A task as its worker sees it. */
export interface AcceptedTask
  extends Pick<
    TaskRequest,
    'task_id' | 'task_type' | 'parameters' | 'user_id' | 'metadata' | 'reply_to' | 'timeout_ms'
  > {
  attempts: number | undefined;
  /** When it was accepted, in ms since 1970. */
  acceptedAt: number;
}

export interface NewTaskJob {
  name: string;
  data: TaskJobData;
  opts: BulkJobOptions;
}

/**
 * The job for a request, for BullMQ's `addBulk`.
 *
 * @param traceparent the trace that its run belongs to. Default: the one that the request names.
 */
export function jobFor(request: TaskRequest, jobId: string, traceparent = request.traceparent): NewTaskJob {
  const { task_id, task_type, parameters, user_id, metadata, reply_to, timeout_ms, attempts } = request;
  const { priority, delay_ms } = request;
  return {
    name: task_type,
    data: {
      task_id,
      parameters,
      ...(user_id !== null && { user_id }),
      ...(Object.keys(metadata).length > 0 && { metadata }),
      ...(reply_to !== undefined && { reply_to }),
      ...(timeout_ms !== undefined && { timeout_ms }),
      ...(attempts !== undefined && { attempts }),
    },
    opts: {
      jobId,
      ...(priority !== undefined && { priority }),
      ...(delay_ms !== undefined && { delay: delay_ms }),
      ...(traceparent !== undefined && { telemetry: { metadata: JSON.stringify({ traceparent }) } }),
    },
  };
}

/** The task that a job carries. */
export function taskOf({ name, data, timestamp }: Pick<TaskJob, 'name' | 'data' | 'timestamp'>): AcceptedTask {
  return {
    task_id: data.task_id,
    task_type: name,
    parameters: data.parameters,
    user_id: data.user_id ?? null,
    metadata: data.metadata ?? {},
    reply_to: data.reply_to,
    timeout_ms: data.timeout_ms,
    attempts: data.attempts,
    acceptedAt: timestamp,
  };
}
