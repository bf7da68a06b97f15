import type { Logger, Telemetry } from '@taskwire/service';
import { taskCounter } from '@taskwire/store';
import { type BackendFactory, type JobType, Queue, type QueueOptions, type RedisQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { logQueueFaults } from './queue-faults.ts';
import { queueTelemetry } from './queue-telemetry.ts';
import { redisClockBackend } from './redis-clock-backend.ts';
import { SHARED_JOB, type TaskJobData, type TaskJobReturn } from './task-job.ts';
import { WITHOUT_INFO } from './without-info.ts';

/** The sets that may hold shared jobs, by state. A task that fails, waits for a time or has a priority has its own job. */
const WITH_SHARED = { waiting: 'wait', active: 'active', completed: 'completed' } as const;

/** A queue that counts tasks. */
export class TaskQueue extends Queue<TaskJobData, TaskJobReturn> {
  readonly #count: ReturnType<typeof taskCounter>;

  constructor(name: string, options: QueueOptions & { connection: Redis }, factory: BackendFactory<RedisQueueBackend>) {
    super(name, options, factory);
    this.#count = taskCounter(options.connection);
  }

  /** Of very many jobs that several tasks share it is an estimate. */
  override async getJobCounts(...types: JobType[]): Promise<Record<string, number>> {
    const [jobs, tasks] = await Promise.all([
      super.getJobCounts(...types),
      this.#count({ queueKeys: this.toKey(''), sharedPrefix: SHARED_JOB, sets: Object.values(WITH_SHARED) }),
    ]);
    for (const [index, state] of Object.keys(WITH_SHARED).entries()) {
      if (state in jobs) jobs[state] = tasks[index] ?? 0;
    }
    return jobs;
  }
}

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
      const queue = new TaskQueue(name, { ...shared, ...(telemetry && { telemetry }) }, factory);
      logQueueFaults(queue, logger);
      return [name, queue];
    }),
  );
}
