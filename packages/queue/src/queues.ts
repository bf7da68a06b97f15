import type { RedisClock } from '@taskwire/redis';
import type { Logger, Telemetry } from '@taskwire/service';
import { type JobAddition, TaskCounter } from '@taskwire/store';
import { Job, type JobType, Queue, type QueueOptions, type RedisClient } from 'bullmq';
import type { Redis } from 'ioredis';
import { logQueueFaults } from './queue-faults.ts';
import { queueTelemetry } from './queue-telemetry.ts';
import { redisClockBackend } from './redis-clock-backend.ts';
import {
  isShared,
  type NewTaskJob,
  SHARED_JOB,
  type TaskJob,
  type TaskJobData,
  type TaskJobReturn,
  type TaskView,
  tasksOf,
  viewsOf,
} from './task-job.ts';
import { type JobPlace, walkList, walkSorted } from './walk-jobs.ts';
import { scriptsOf } from './whole-jobs.ts';
import { WITHOUT_INFO } from './without-info.ts';

/** The sets that may hold shared jobs, by state. A task that fails, waits for a time or has a priority has its own job. */
const WITH_SHARED = { waiting: 'wait', active: 'active', completed: 'completed' } as const;

/** Limits over all workers, which people set on the board: BullMQ holds them by the job. */
const LIMITS = ['concurrency', 'max'] as const;
const LIMITS_HOLD_MS = 1000;

/** A queue that counts and shows tasks, of which several may share a job. */
export class TaskQueue extends Queue<TaskJobData, TaskJobReturn> {
  readonly #redis: Redis;
  readonly #clock: RedisClock;
  readonly #counter: TaskCounter;
  #limited: { at: number; is: Promise<boolean> } | undefined;

  constructor(
    name: string,
    options: QueueOptions & { connection: Redis },
    { clock, factory }: Pick<ReturnType<typeof redisClockBackend>, 'clock' | 'factory'>,
  ) {
    super(name, options, factory);
    this.#redis = options.connection;
    this.#clock = clock;
    this.#counter = new TaskCounter({ redis: this.#redis, queueKeys: this.toKey(''), sharedPrefix: SHARED_JOB });
  }

  /** Of very many jobs that several tasks share it is an estimate. */
  override async getJobCounts(...types: JobType[]): Promise<Record<string, number>> {
    const [jobs, tasks] = await Promise.all([
      super.getJobCounts(...types),
      this.#counter.count(Object.values(WITH_SHARED)),
    ]);
    for (const [index, state] of Object.keys(WITH_SHARED).entries()) {
      if (state in jobs) jobs[state] = tasks[index] ?? 0;
    }
    return jobs;
  }

  /** What adds a job, for a script that does so in its own step; undefined if BullMQ has no such script. */
  async addition({ name, data, opts }: NewTaskJob): Promise<JobAddition | undefined> {
    await Promise.all([this.waitUntilReady(), this.#clock.measured()]);
    let command: [name: string, args: (string | number | Buffer)[]] = ['', []];
    const listener = { runCommand: async (...call: typeof command) => (command = call) } as unknown as RedisClient;
    await new Job(this, name, data, opts, opts.jobId).addJob(listener);
    const [script, args] = command;
    const known = scriptsOf(this.#redis)[script];
    if (!known) return undefined;
    const keys = args.slice(0, known.numberOfKeys) as string[];
    return { name: script, lua: known.lua, keys, args: args.slice(known.numberOfKeys) };
  }

  /** As `getJobs`, but each task of a shared job is a view: places count tasks. */
  async getTaskJobs(types: JobType[], start: number, end: number): Promise<(TaskJob | TaskView)[]> {
    const pages = await Promise.all(types.map((type) => this.#page(type, start, end)));
    return pages.flat();
  }

  /** The jobs of a set, newest or latest first, a page at a time; from a place of an earlier walk. */
  walk(set: 'active' | 'waiting' | 'prioritized' | 'delayed', from?: JobPlace): AsyncGenerator<JobPlace[]> {
    const key = this.toKey(set === 'waiting' ? 'wait' : set);
    return set === 'active' || set === 'waiting'
      ? walkList(this.#redis, key, from)
      : walkSorted(this.#redis, key, from);
  }

  /** The task of a job, or those of a shared one; undefined for each that has left it. */
  async tasksIn(id: string): Promise<(TaskJob | TaskView | undefined)[]> {
    const job = await this.getJob(id);
    if (!job || !isShared(id)) return [job];
    const gone = (await this.#redis.hget(this.toKey(id), 'gone'))?.split('|') ?? [];
    return viewsOf(job).map((view) => (gone.includes(tasksOf(view)[0]?.task_id ?? '') ? undefined : view));
  }

  /** Whether its jobs may only be taken so many at a time, or so often. Known for a second. */
  isLimited(): Promise<boolean> {
    const now = performance.now();
    if (!this.#limited || now - this.#limited.at > LIMITS_HOLD_MS) {
      const is = this.#redis
        .hmget(this.toKey('meta'), ...LIMITS)
        .then((limits) => limits.some((limit) => limit !== null));
      this.#limited = { at: now, is };
      is.catch(() => (this.#limited = undefined));
    }
    return this.#limited.is;
  }

  /** Notes how many tasks of a shared job, which goes on, have ended. Nothing depends on it. */
  async tellEnded(job: TaskJob, ended: number): Promise<void> {
    await this.#redis.hset(this.toKey(job.id as string), 'ended', ended).catch(() => undefined);
  }

  /** When a delayed job may run, in ms since 1970 by the clock of Redis; undefined when it is not delayed. */
  async delayedUntil(jobId: string): Promise<number | undefined> {
    const score = await this.#redis.zscore(this.toKey('delayed'), jobId);
    // BullMQ keeps the order of jobs of the same millisecond in the lowest 12 bits.
    return score === null ? undefined : Math.floor(Number(score) / 0x1000);
  }

  /** Removes the oldest completed jobs beyond so many tasks. */
  async keep(tasks: number): Promise<void> {
    const excess = await this.#counter.excess(tasks);
    if (excess > 0) await this.clean(0, excess, 'completed');
  }

  async #page(type: JobType, start: number, end: number): Promise<(TaskJob | TaskView)[]> {
    const ids = await this.getRanges([type], 0, end);
    const shared = ids.filter(isShared);
    const pipeline = this.#redis.pipeline();
    for (const id of shared) pipeline.hmget(this.toKey(id), 'name', 'gone');
    const answers = shared.length > 0 ? ((await pipeline.exec()) ?? []) : [];
    const known = new Map(shared.map((id, index) => [id, answers[index]?.[1] as [string | null, string | null]]));
    const places = ids.flatMap((id) => {
      const [name, gone] = known.get(id) ?? ['1', null];
      const size = Number.parseInt(name ?? '0', 10) - (gone?.split('|').length ?? 1) + 1;
      return Array.from({ length: size }, (_, place) => ({ id, place, gone }));
    });
    const jobs = new Map<string, Promise<TaskJob | undefined>>();
    const tasks = places.slice(start, end + 1).map(async ({ id, place, gone }) => {
      const found = jobs.get(id) ?? this.getJob(id);
      jobs.set(id, found);
      const job = await found;
      return job && isShared(id) ? viewsOf(job, gone?.split('|'))[place] : job;
    });
    return (await Promise.all(tasks)).filter((job) => job !== undefined);
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
  const byRedisClock = redisClockBackend(connection);
  return new Map(
    names.map((name) => {
      const shared = { connection, prefix, streams, ...WITHOUT_INFO };
      const queue = new TaskQueue(name, { ...shared, ...(telemetry && { telemetry }) }, byRedisClock);
      logQueueFaults(queue, logger);
      return [name, queue];
    }),
  );
}
