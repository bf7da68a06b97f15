import { Worker } from 'bullmq';
import type { TaskJob, TaskJobData, TaskJobReturn } from './task-job.ts';

/** That a worker takes jobs: when it last did ask for one and was answered, and how long that took. */
export interface Proof {
  /** ms since 1970. */
  at: number;
  lagMs: number;
}

/**
 * A BullMQ worker that can prove that it takes jobs. The most reported fault of workers of this kind is that they live
 * but are deaf after an outage; that they are connected proves nothing.
 *
 * An idle worker asks at least every 10 s whether there is a job: it blocks for no longer.
 */
export class ProvingWorker extends Worker<TaskJobData, TaskJobReturn> {
  #proof: Proof | null = null;
  #active = 0;

  /** Null until it has asked for the first time. */
  get proof(): Proof | null {
    // One that is busy does not ask. What it does is limited by the time limits of its tasks.
    if (this.#proof !== null && this.#active >= this.concurrency) this.#proof = { ...this.#proof, at: Date.now() };
    return this.#proof;
  }

  /** How many jobs it runs now. */
  get active(): number {
    return this.#active;
  }

  protected override async moveToActive(token: string, name?: string): Promise<TaskJob> {
    const askedAt = Date.now();
    const job = await super.moveToActive(token, name);
    const at = Date.now();
    this.#proof = { at, lagMs: at - askedAt };
    return job;
  }

  protected override async callProcessJob(job: TaskJob, token: string, signal?: AbortSignal): Promise<TaskJobReturn> {
    this.#active += 1;
    try {
      return await super.callProcessJob(job, token, signal);
    } finally {
      this.#active -= 1;
      // Ending a job is asking for the next one.
      if (this.#proof !== null) this.#proof = { ...this.#proof, at: Date.now() };
    }
  }
}
