import type { ServiceMetrics } from '@taskwire/monitoring';
import { isRedisFault } from '@taskwire/redis';
import type { Logger } from '@taskwire/service';
import type { Announcer, TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import type { JobState } from 'bullmq';
import type { Redis } from 'ioredis';
import type { TaskQueue } from '../queues.ts';
import { ownJobId, type TaskJob } from '../task-job.ts';
import { type Cancellation, cancellationsOf } from './cancellation.ts';
import { entryOf, RemovalJournal } from './removal-journal.ts';

export interface JobRemovalOptions {
  redis: Redis;
  keyPrefix: string;
  announcer: Announcer;
  store: TaskStore;
  registry: Pick<TaskRegistry, 'get'>;
  metrics: ServiceMetrics;
  logger: Logger;
}

/** A removal takes milliseconds. If it only waits for Redis and two processes finish it, there is still one result. */
const ABANDONED_AFTER_MS = 5000;

const ENDED: readonly (JobState | 'unknown')[] = ['completed', 'failed'];

/** Removes jobs from their queues. If a job's task had not ended, it gets its one result: the error `cancelled`. */
export class JobRemoval {
  readonly #journal: RemovalJournal;
  readonly #options: JobRemovalOptions;

  constructor(options: JobRemovalOptions) {
    this.#options = options;
    this.#journal = new RemovalJournal(options.redis, options.keyPrefix);
  }

  /**
   * Removes a job in any state but `active`.
   *
   * @param why the sentence of the result.
   * @throws BullMQ's error when it is held by a worker.
   */
  async removeOne(job: TaskJob, why: string): Promise<void> {
    if (ENDED.includes(await job.getState())) return job.remove();
    const [outcome] = await this.#remove([job], why);
    if (outcome?.status === 'rejected') throw outcome.reason;
  }

  /**
   * Removes jobs that were waiting when last seen, and skips those that a worker has taken since.
   *
   * @param why the sentence of the results. Default: that somebody cancelled the tasks.
   * @returns the number of removed jobs.
   */
  async removeWaiting(jobs: readonly TaskJob[], why?: string): Promise<number> {
    const outcomes = await this.#remove(jobs, why);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected' && isRedisFault(outcome.reason)) throw outcome.reason;
    }
    return outcomes.filter(({ status }) => status === 'fulfilled').length;
  }

  /**
   * Ends one of the tasks of a job that several share, and that no worker has. The job stays: whoever takes it finds the result.
   *
   * @param why as for `removeWaiting`.
   * @returns whether it is one of them.
   */
  async endOne(job: TaskJob, taskId: string, why?: string): Promise<boolean> {
    const its = cancellationsOf(job, this.#options.registry, why).find(({ result }) => result.task_id === taskId);
    if (!its) return false;
    const { store } = this.#options;
    await store.noteLeaving(its.jobId);
    await this.#announce(its);
    // Then it is counted no longer.
    await store.move(its.jobId, new Map([[taskId, ownJobId(taskId, its.jobId)]]));
    return true;
  }

  /** Finishes removals of a processor or web server that died: answers the tasks whose jobs are gone. */
  async finishAbandoned(queues: ReadonlyMap<string, TaskQueue>): Promise<void> {
    const { store, logger } = this.#options;
    for (const [entry, cancellation] of await this.#journal.olderThan(ABANDONED_AFTER_MS)) {
      const { jobId, queue, result } = cancellation;
      const { task_id } = result;
      // A queue from task folders that this process does not have: it waits for a leading processor that has them.
      if (!queues.has(queue)) continue;
      const job = await queues.get(queue)?.getJob(jobId);
      // The record expires with the result: without a record the task ended long ago in another way.
      if (!job && (await store.placeOf(task_id))?.jobId === jobId) {
        await this.#announce(cancellation);
        logger.warn({ task_id, jobId, queue }, 'a removal that was cut off has been finished');
      }
      await this.#journal.strike([entry]);
    }
  }

  /** Publishes the result of a cancelled task, unless it has one or has another job now. Resolves when Redis has it. */
  async #announce({ jobId, result, replyTo, queue, request }: Cancellation): Promise<void> {
    const { announcer, store, metrics } = this.#options;
    const place = await store.placeOf(result.task_id);
    if (place && place.jobId !== jobId && (await this.#hasJob(queue, place.jobId))) return;
    const message = JSON.stringify(result);
    await announcer.final(result, message, replyTo, { told: { request } });
    // If a worker ended the task just before, the worker counts it.
    if ((await store.result(result.task_id)) === message) metrics.cancelled(result, queue);
  }

  /** A task may have been noted for a job that nobody lived to add. */
  async #hasJob(queue: string, jobId: string): Promise<boolean> {
    const { redis, keyPrefix } = this.#options;
    return (await redis.exists(`${keyPrefix}:${queue}:${jobId}`)) === 1;
  }

  async #remove(jobs: readonly TaskJob[], why?: string): Promise<PromiseSettledResult<void>[]> {
    const cancellations = jobs.map((job) => cancellationsOf(job, this.#options.registry, why));
    await this.#journal.write(cancellations.flat());
    const outcomes = await Promise.allSettled(jobs.map((job) => job.remove()));
    const settled: Cancellation[] = [];
    await Promise.all(
      cancellations.map(async (ofJob, index) => {
        const outcome = outcomes[index] as PromiseSettledResult<void>;
        // Without an answer of Redis nobody knows whether the job is gone: that stays in the journal.
        if (outcome.status === 'rejected' && isRedisFault(outcome.reason)) return;
        if (outcome.status === 'fulfilled') await Promise.all(ofJob.map((each) => this.#announce(each)));
        settled.push(...ofJob);
      }),
    );
    await this.#journal.strike(settled.map(entryOf));
    return outcomes;
  }
}
