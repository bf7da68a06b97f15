import type { RedisClock } from '@taskwire/redis';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker, type WorkerOptions } from 'bullmq';
import type { redisClockBackend } from './redis-clock-backend.ts';
import { type CarriedTask, carriedTasks, type TaskJob, type TaskJobData, type TaskJobReturn } from './task-job.ts';
import type { AttemptRecord } from './told.ts';

/** Proof that a worker takes jobs: when Redis last answered its request for one, and how long that took. */
export interface Proof {
  /** ms since 1970. */
  at: number;
  lagMs: number;
}

/** How long it leaves places free that are too few for a shared job, while it takes none. */
const HESITATE_MS = 100;

/** After so many jobs of one task it expects no shared one. */
const FORGET_SHARED_AFTER = 20;

/** How a job goes on. */
export type JobEnd =
  | { status: 'completed'; kept: TaskJobReturn }
  | { status: 'failed'; reason: string }
  | { status: 'retry'; reason: string; delayMs: number; earlier: AttemptRecord[] }
  | { status: 'returned'; delayMs?: number };

/** The places of a worker that a job has for its tasks: 0 if a shared job, just before, has taken what was free. */
export interface Seats {
  readonly count: number;
  /** Call it when one of the tasks has ended. */
  free: () => void;
}

export interface QueueWorkerOptions extends WorkerOptions {
  /** Tasks at a time. */
  concurrency: number;
  /** Completed tasks that are kept. */
  removeOnComplete: { age: number; count: number };
}

/** Thrown to make BullMQ retry; the strategy below says how long it waits. */
class RetryLater extends Error {
  readonly delayMs: number;

  constructor(reason: string, delayMs: number) {
    super(reason);
    this.name = 'RetryLater';
    this.delayMs = delayMs;
  }
}

/**
 * Takes the jobs of a queue and can prove that it does. The most reported fault of such workers is that they are alive
 * but deaf after an outage; a connection proves nothing.
 *
 * An idle worker asks at least every 10 s whether there is a job: it blocks for no longer.
 *
 * BullMQ counts jobs, and a job may have several tasks. So what BullMQ may take and keep is set anew with each job: in jobs, it is
 * what was asked for in tasks.
 */
export class QueueWorker extends Worker<TaskJobData, TaskJobReturn> {
  readonly #clock: RedisClock;
  readonly #places: number;
  readonly #kept: number;
  #proof: Proof | null = null;
  /** The seats of each job that it has. */
  readonly #seats = new Map<TaskJob, { count: number; taken: number }>();
  #active = 0;
  /** Tasks of the next job, as far as the latest ones tell. */
  #expected = 1;
  /** Jobs since the latest shared one. */
  #alone = 0;
  /** Whether it took a job lately. */
  #takes = false;
  /** How many more jobs it may take. */
  #room = 0;
  #hesitating: NodeJS.Timeout | undefined;
  /** So many of the jobs that ended last have about as many tasks as are to be kept. */
  #keptJobs: number;

  /** @param run runs a job; what it throws fails the job, so it should not. */
  constructor(
    queue: string,
    run: (job: TaskJob, seats: Seats) => Promise<JobEnd>,
    { clock, factory }: ReturnType<typeof redisClockBackend>,
    options: QueueWorkerOptions,
  ) {
    const process = async (job: TaskJob, token?: string) => endJob(await run(job, this.#seatsOf(job)), job, token);
    const backoffStrategy = (_attempts: number, _type?: string, error?: Error) =>
      error instanceof RetryLater ? error.delayMs : -1;
    super(queue, process, { ...options, settings: { backoffStrategy } }, factory);
    this.#clock = clock;
    this.#places = options.concurrency;
    this.#kept = options.removeOnComplete.count;
    this.#keptJobs = this.#kept;
  }

  /** Null until it has asked for the first time. */
  get proof(): Proof | null {
    // A busy worker does not ask; the time limits of its tasks bound how long.
    if (this.#proof !== null && this.#active >= this.#places) this.#proof = { ...this.#proof, at: Date.now() };
    return this.#proof;
  }

  /** How many tasks it has now. */
  get active(): number {
    return this.#active;
  }

  /** BullMQ compares failed attempts with a number in the job. It must never be reached: only `RetryLater` decides. */
  protected override createJob(data: Parameters<typeof Job.fromJSON>[1], jobId: string): TaskJob {
    const job = super.createJob(data, jobId);
    job.opts = { ...job.opts, attempts: Number.MAX_SAFE_INTEGER, backoff: { type: 'taskwire' } };
    job.timestamp -= this.#clock.aheadMs;
    const tasks = carriedTasks(job.data);
    this.#expect(tasks);
    const count = Math.min(Math.max(1, tasks.length), this.#places - this.#active);
    this.#seats.set(job, { count, taken: count });
    this.#active += count;
    this.#fit();
    return job;
  }

  protected override async moveToActive(token: string, name?: string): Promise<TaskJob> {
    await this.#clock.measured();
    const askedAt = Date.now();
    const job = await super.moveToActive(token, name);
    const at = Date.now();
    this.#proof = { at, lagMs: at - askedAt };
    return job;
  }

  protected override async callProcessJob(job: TaskJob, token: string, signal?: AbortSignal): Promise<TaskJobReturn> {
    try {
      return await super.callProcessJob(job, token, signal);
    } finally {
      const { taken = 0 } = this.#seats.get(job) ?? {};
      this.#seats.delete(job);
      this.#active -= taken;
      this.#fit();
      this.#keep(Math.max(1, carriedTasks(job.data).length));
      // Ending a job also asks for the next one.
      if (this.#proof !== null) this.#proof = { ...this.#proof, at: Date.now() };
    }
  }

  #seatsOf(job: TaskJob): Seats {
    const seats = this.#seats.get(job) as { count: number; taken: number };
    const free = () => {
      seats.taken -= 1;
      this.#active -= 1;
      // With the last one the job ends, and BullMQ looks by itself.
      if (seats.taken > 0) this.#fitAndWake();
    };
    return { count: seats.count, free };
  }

  #expect(tasks: readonly CarriedTask[]): void {
    this.#takes = true;
    if (tasks.length > 1) {
      this.#expected = tasks.length;
      this.#alone = 0;
    } else if (!tasks[0]?.before) {
      this.#alone += 1;
      if (this.#alone === FORGET_SHARED_AFTER) this.#expected = 1;
    }
  }

  /** As many more jobs as there are places, if they are as expected. A job with more tasks is given too few seats. */
  #fit(): void {
    const free = this.#places - this.#active;
    const room = Math.floor(free / this.#expected);
    this.concurrency = Math.max(1, this.#seats.size + room);
    this.#room = room;
    if (room === 0 && free > 0) this.#hesitating ??= setTimeout(() => this.#takeAny(), HESITATE_MS).unref();
  }

  /** BullMQ looks whether it may take another job only when one ends. Nothing that is public tells it to look. */
  #fitAndWake(): void {
    const hadRoom = this.#room > 0;
    this.#fit();
    const { mainLoopQueue } = this as unknown as { mainLoopQueue?: { add: (nothing: Promise<void>) => void } };
    if (!hadRoom && this.#room > 0) mainLoopQueue?.add(Promise.resolve());
  }

  /** If the tasks that it has take long, places must not stay free until a shared job fits. */
  #takeAny(): void {
    this.#hesitating = undefined;
    if (!this.#takes) this.#expected = 1;
    this.#takes = false;
    this.#fitAndWake();
  }

  #keep(tasks: number): void {
    this.#keptJobs = ((this.#keptJobs + 1) * this.#kept) / (this.#kept + tasks);
    (this.opts.removeOnComplete as { count: number }).count = Math.ceil(this.#keptJobs);
  }
}

/** Translates for BullMQ how a job goes on. */
async function endJob(end: JobEnd, job: TaskJob, token: string | undefined): Promise<TaskJobReturn> {
  switch (end.status) {
    case 'completed':
      return end.kept;
    case 'failed':
      throw new UnrecoverableError(end.reason);
    case 'retry':
      throw new RetryLater(end.reason, end.delayMs);
    case 'returned':
      if (end.delayMs !== undefined) {
        await job.moveToDelayed(Date.now() + end.delayMs, token);
        throw new DelayedError();
      }
      await job.moveToWait(token);
      throw new WaitingError();
  }
}
