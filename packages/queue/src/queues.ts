import type { Logger, Telemetry } from '@taskwire/service';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { logQueueFaults } from './queue-faults.ts';
import { queueTelemetry } from './queue-telemetry.ts';
import { redisClockBackend } from './redis-clock-backend.ts';
import type { TaskJobData, TaskJobReturn } from './task-job.ts';
import { WITHOUT_INFO } from './without-info.ts';

export type TaskQueue = Queue<TaskJobData, TaskJobReturn>;

export interface OpenQueuesOptions {
  names: readonly string[];
  keyPrefix: string;
  /** Shared by all queues; the caller closes it. */
  connection: Redis;
  logger: Logger;
  telemetry?: Telemetry | undefined;
}

/** BullMQ's stream of job events is for watchers of queues; taskwire has its own events, so the stream is kept short. */
const EVENT_STREAM_LENGTH = 1000;

/** Opens the producer's side of the queues, by name. */
export async function openQueues(options: OpenQueuesOptions): Promise<ReadonlyMap<string, TaskQueue>> {
  const { names, keyPrefix: prefix, connection, logger } = options;
  const telemetry = await queueTelemetry(options.telemetry);
  const streams = { events: { maxLen: EVENT_STREAM_LENGTH } };
  const { factory } = redisClockBackend(connection);
  return new Map(
    names.map((name) => {
      const shared = { connection, prefix, streams, ...WITHOUT_INFO };
      const queue: TaskQueue = new Queue(name, { ...shared, ...(telemetry && { telemetry }) }, factory);
      logQueueFaults(queue, logger);
      return [name, queue];
    }),
  );
}
