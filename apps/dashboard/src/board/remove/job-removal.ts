import type { ServiceMetrics } from '@taskwire/monitoring';
import { isRedisFault } from '@taskwire/redis';
import type { Announcer, TaskJob } from '@taskwire/runtime';
import type { JobState } from 'bullmq';
import { type Cancellation, cancellationOf } from './cancellation.ts';
import type { RemovalJournal } from './removal-journal.ts';

export interface JobRemovalOptions {
  announcer: Announcer;
  journal: RemovalJournal;
  metrics: ServiceMetrics;
}

const ENDED: readonly (JobState | 'unknown')[] = ['completed', 'failed'];

/** Takes jobs out of their queues. The task of a job that had not ended gets its one result: the error `cancelled`. */
export class JobRemoval {
  readonly #announcer: Announcer;
  readonly #journal: RemovalJournal;
  readonly #metrics: ServiceMetrics;

  constructor({ announcer, journal, metrics }: JobRemovalOptions) {
    this.#announcer = announcer;
    this.#journal = journal;
    this.#metrics = metrics;
  }

  /**
   * Removes a job in any state but `active`.
   *
   * @throws BullMQ's error when it is held by a worker.
   */
  async removeOne(job: TaskJob, by: string): Promise<void> {
    if (ENDED.includes(await job.getState())) return job.remove();
    const [outcome] = await this.#remove([job], by);
    if (outcome?.status === 'rejected') throw outcome.reason;
  }

  /**
   * Removes jobs that were waiting when last seen, and passes over those that a worker has taken since.
   *
   * @returns the number of removed jobs.
   */
  async removeWaiting(jobs: readonly TaskJob[], by: string): Promise<number> {
    const outcomes = await this.#remove(jobs, by);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected' && isRedisFault(outcome.reason)) throw outcome.reason;
    }
    return outcomes.filter(({ status }) => status === 'fulfilled').length;
  }

  /** Publishes the result of a task whose job has been removed, unless it has one. Resolves when Redis has it. */
  async announce({ result, replyTo, queue }: Cancellation): Promise<void> {
    await this.#announcer.final(result, JSON.stringify(result), replyTo);
    this.#metrics.cancelled(result, queue);
  }

  async #remove(jobs: readonly TaskJob[], by: string): Promise<PromiseSettledResult<void>[]> {
    const cancellations = jobs.map((job) => cancellationOf(job, by));
    await this.#journal.write(cancellations.filter((one) => one !== undefined));
    const outcomes = await Promise.allSettled(jobs.map((job) => job.remove()));
    const settled: string[] = [];
    await Promise.all(
      cancellations.map(async (cancellation, index) => {
        const outcome = outcomes[index] as PromiseSettledResult<void>;
        // Without an answer of Redis nobody knows whether the job is gone: that stays in the journal.
        if (!cancellation || (outcome.status === 'rejected' && isRedisFault(outcome.reason))) return;
        if (outcome.status === 'fulfilled') await this.announce(cancellation);
        settled.push(cancellation.jobId);
      }),
    );
    await this.#journal.strike(settled);
    return outcomes;
  }
}
