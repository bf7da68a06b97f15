import type { RedisClock } from '@taskwire/redis';
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker, type WorkerOptions } from 'bullmq';
import type { redisClockBackend } from './redis-clock-backend.ts';
import { type JobSeats, WorkerSeats } from './seats.ts';
import { carriedTasks, type TaskJob, type TaskJobData, type TaskJobReturn } from './task-job.ts';

/** Proof that a worker takes jobs: when Redis last answered its request for one, and how long that took. */
export interface Proof {
  /** ms since 1970. */
  at: number;
  lagMs: number;
}

/** How a job goes on. */
export type JobEnd =
  | { status: 'completed'; kept: TaskJobReturn }
  | { status: 'failed'; reason: string }
  | { status: 'retry'; reason: string; delayMs: number }
  | { status: 'returned'; delayMs?: number };

export interface QueueWorkerOptions extends WorkerOptions {
  /** Tasks at a time. */
  concurrency: number;
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
 * BullMQ counts jobs, and a job may have several tasks. So how many jobs BullMQ may take is set anew whenever one comes or goes.
 */
export class QueueWorker extends Worker<TaskJobData, TaskJobReturn> {
  readonly #clock: RedisClock;
  readonly #whole: Set<string>;
  readonly #seats: WorkerSeats;
  #proof: Proof | null = null;

  /** @param run runs a job; what it throws fails the job, so it should not. */
  constructor(
    queue: string,
    run: (job: TaskJob, seats: JobSeats) => Promise<JobEnd>,
    { clock, factory, whole }: ReturnType<typeof redisClockBackend>,
    options: QueueWorkerOptions,
  ) {
    const process = async (job: TaskJob, token?: string) =>
      endJob(
        await run(
          job,
          this.#seats.of(job, () => this.#wake()),
        ),
        job,
        token,
      );
    const backoffStrategy = (_attempts: number, _type?: string, error?: Error) =>
      error instanceof RetryLater ? error.delayMs : -1;
    super(queue, process, { ...options, settings: { backoffStrategy } }, factory);
    this.#clock = clock;
    this.#whole = whole;
    this.#seats = new WorkerSeats(options.concurrency);
  }

  /** Null until it has asked for the first time. */
  get proof(): Proof | null {
    // A busy worker does not ask, nor does one that closes; the time limits of its tasks bound how long.
    if (this.#proof !== null && (this.#seats.isFull || this.closing)) this.#proof = { ...this.#proof, at: Date.now() };
    return this.#proof;
  }

  /** How many tasks it runs now. */
  get active(): number {
    return this.#seats.running;
  }

  /** BullMQ compares failed attempts with a number in the job. It must never be reached: only `RetryLater` decides. */
  protected override createJob(data: Parameters<typeof Job.fromJSON>[1], jobId: string): TaskJob {
    const job: TaskJob = super.createJob(data, jobId);
    job.isWhole = this.#whole.delete(jobId);
    job.opts = { ...job.opts, attempts: Number.MAX_SAFE_INTEGER, backoff: { type: 'taskwire' } };
    job.timestamp -= this.#clock.aheadMs;
    this.#seats.add(job, Math.max(1, carriedTasks(job.data).length));
    this.concurrency = this.#seats.maxJobs;
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
      this.#seats.remove(job);
      this.concurrency = this.#seats.maxJobs;
      // Ending a job also asks for the next one.
      if (this.#proof !== null) this.#proof = { ...this.#proof, at: Date.now() };
    }
  }

  /** BullMQ looks whether it may take another job only when one ends. Nothing that is public tells it to look. */
  #wake(): void {
    this.concurrency = this.#seats.maxJobs;
    const { mainLoopQueue } = this as unknown as { mainLoopQueue?: { add: (nothing: Promise<void>) => void } };
    mainLoopQueue?.add(Promise.resolve());
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
