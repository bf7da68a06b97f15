import type { Logger, Telemetry } from '@taskwire/service';
import { taskCounter } from '@taskwire/store';
import { type BackendFactory, type JobType, Queue, type QueueOptions, type RedisQueueBackend } from 'bullmq';
import type { Redis } from 'ioredis';
import { logQueueFaults } from './queue-faults.ts';
import { queueTelemetry } from './queue-telemetry.ts';
import { redisClockBackend } from './redis-clock-backend.ts';
import {
  isShared,
  SHARED_JOB,
  type TaskJob,
  type TaskJobData,
  type TaskJobReturn,
  type TaskView,
  viewsOf,
} from './task-job.ts';
import { WITHOUT_INFO } from './without-info.ts';

/** The sets that may hold shared jobs, by state. A task that fails, waits for a time or has a priority has its own job. */
const WITH_SHARED = { waiting: 'wait', active: 'active', completed: 'completed' } as const;

/** A queue that counts tasks. */
export class TaskQueue extends Queue<TaskJobData, TaskJobReturn> {
  readonly #redis: Redis;
  readonly #count: ReturnType<typeof taskCounter>;

  constructor(name: string, options: QueueOptions & { connection: Redis }, factory: BackendFactory<RedisQueueBackend>) {
    super(name, options, factory);
    this.#redis = options.connection;
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

  /** As `getJobs`, but each task of a shared job is a view: places count tasks. */
  async getTaskJobs(types: JobType[], start: number, end: number): Promise<(TaskJob | TaskView)[]> {
    const pages = types.map(async (type) => {
      const ids = await this.getRanges([type], 0, end);
      const sizes = await this.#sizesOf(ids);
      const places = ids.flatMap((id, job) => Array.from({ length: sizes[job] ?? 1 }, (_, place) => ({ id, place })));
      const shown = places.slice(start, end + 1);
      const jobs = new Map<string, Promise<TaskJob | undefined>>();
      for (const { id } of shown) jobs.set(id, jobs.get(id) ?? this.getJob(id));
      const tasks = shown.map(async ({ id, place }) => {
        const job = await jobs.get(id);
        return job && isShared(id) ? viewsOf(job)[place] : job;
      });
      return (await Promise.all(tasks)).filter((job) => job !== undefined);
    });
    return (await Promise.all(pages)).flat();
  }

  /** How many tasks each job had when it was added. */
  async #sizesOf(ids: readonly string[]): Promise<number[]> {
    const pipeline = this.#redis.pipeline();
    const shared = ids.filter(isShared);
    for (const id of shared) pipeline.hget(this.toKey(id), 'name');
    const names = shared.length > 0 ? await pipeline.exec() : [];
    const sizes = new Map(shared.map((id, index) => [id, Number.parseInt(String(names?.[index]?.[1]), 10) || 0]));
    return ids.map((id) => sizes.get(id) ?? 1);
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
