import type { Logger, Telemetry } from '@taskwire/service';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { logQueueFaults } from './queue-faults.ts';
import type { TaskJobData, TaskJobReturn } from './task-job.ts';

export type TaskQueue = Queue<TaskJobData, TaskJobReturn>;

export interface OpenQueuesOptions {
  names: readonly string[];
  keyPrefix: string;
  /** Shared by all queues; closing it is the caller's business. */
  connection: Redis;
  logger: Logger;
  telemetry?: Telemetry | undefined;
}

/** BullMQ's stream of job events is for watchers of queues; taskwire tells its own events, so it is kept short. */
const EVENT_STREAM_LENGTH = 1000;

/** Opens the producer's side of the queues, by name. */
export function openQueues({
  names,
  keyPrefix,
  connection,
  logger,
  telemetry,
}: OpenQueuesOptions): ReadonlyMap<string, TaskQueue> {
  return new Map(
    names.map((name) => {
      const streams = { events: { maxLen: EVENT_STREAM_LENGTH } };
      const queue: TaskQueue = new Queue(name, {
        connection,
        prefix: keyPrefix,
        streams,
        ...(telemetry && { telemetry: telemetry.queues }),
      });
      logQueueFaults(queue, logger);
      return [name, queue];
    }),
  );
}
