import type { JsonObject, TaskRequest } from '@taskwire/protocol';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';

/** What a BullMQ job carries: the task as its publisher sent it, and when it was accepted (ms since 1970). */
export interface TaskJobData
  extends Pick<
    TaskRequest,
    'task_id' | 'task_type' | 'parameters' | 'user_id' | 'metadata' | 'reply_to' | 'timeout_ms'
  > {
  accepted_at: number;
}

/** What a finished job keeps in BullMQ: the result itself when it is small, else where to find it. */
export type TaskJobReturn = JsonObject;

export type TaskQueue = Queue<TaskJobData, TaskJobReturn>;

export interface OpenQueuesOptions {
  names: readonly string[];
  keyPrefix: string;
  /** Shared by all queues; closing it is the caller's business. */
  connection: Redis;
}

/** BullMQ's stream of job events is for watchers of queues; taskwire tells its own events, so it is kept short. */
const EVENT_STREAM_LENGTH = 1000;

/** Opens the producer's side of the queues, by name. */
export function openQueues({ names, keyPrefix, connection }: OpenQueuesOptions): ReadonlyMap<string, TaskQueue> {
  return new Map(
    names.map((name) => [
      name,
      new Queue(name, { connection, prefix: keyPrefix, streams: { events: { maxLen: EVENT_STREAM_LENGTH } } }),
    ]),
  );
}
