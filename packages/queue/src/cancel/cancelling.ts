import { cancellationsKey, removalsKey, reopenedKey } from '@taskwire/protocol';
import { everySecond } from '@taskwire/redis';
import type { CancelRequest } from '@taskwire/store';
import { JobRetry } from '../job-retry.ts';
import { CancelTasks, type CancelTasksOptions } from './cancel-tasks.ts';
import { JobRemoval, type JobRemovalOptions } from './job-removal.ts';

export interface CancellingOptions extends Omit<CancelTasksOptions, 'removal'>, JobRemovalOptions {
  /** Whether this processor makes sure that cancelled tasks end. */
  leading: () => boolean;
}

/** Until then the process that heard of a cancellation works on it. */
const LEAVE_ALONE_MS = 1000;

/**
 * Cancels tasks, and makes sure that they end: also a task that came back to its queue from a worker, or whose
 * processor died before it could remove it, or between the removal and the result. It also finishes retries that were cut
 * off.
 */
export class Cancelling implements Disposable {
  readonly #options: CancellingOptions;
  readonly #removal: JobRemoval;
  readonly #tasks: CancelTasks;
  readonly #retry: JobRetry;
  /** When this processor heard of tasks that another one should cancel, by id. */
  readonly #leftToOthers = new Map<string, number>();
  #end: (() => void) | undefined;
  #looking = false;

  constructor(options: CancellingOptions) {
    this.#options = options;
    this.#removal = new JobRemoval(options);
    this.#tasks = new CancelTasks({ ...options, removal: this.#removal });
    this.#retry = new JobRetry(options.store);
  }

  start(): void {
    this.#end ??= everySecond(() => this.#look());
  }

  /** Cancels a task and publishes the outcome: its result, or an event. Repeating it is safe. */
  cancel(taskId: string): Promise<CancelRequest['status']> {
    return this.#tasks.cancel(taskId);
  }

  /** Notes a cancellation that the leading processor carries out. */
  leaveToOthers(taskId: string): void {
    if (!this.#leftToOthers.has(taskId)) this.#leftToOthers.set(taskId, Date.now());
  }

  [Symbol.dispose](): void {
    this.#end?.();
  }

  async #look(): Promise<void> {
    // Redis may be away, or slow.
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#removeLeftovers();
      if (!(await this.#isAnythingOpen())) return;
      // Each processor for the queues that it knows: the leading one may have other task folders.
      await this.#retry.finishAbandoned(this.#options.queues);
      if (!this.#options.leading()) return;
      await this.#endOpenOnes();
      await this.#removal.finishAbandoned(this.#options.queues);
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'cancelled tasks could not be checked; trying again later');
    } finally {
      this.#looking = false;
    }
  }

  /** One question instead of three: nearly always there is nothing. */
  async #isAnythingOpen(): Promise<boolean> {
    const { redis, keyPrefix } = this.#options;
    return (await redis.exists(cancellationsKey(keyPrefix), reopenedKey(keyPrefix), removalsKey(keyPrefix))) > 0;
  }

  async #endOpenOnes(): Promise<void> {
    const { store } = this.#options;
    const before = Date.now() - LEAVE_ALONE_MS;
    const old = (await store.openCancellations()).filter(({ askedAt }) => askedAt <= before);
    await Promise.all(
      old.map(async ({ taskId, jobId }) => {
        // A task that was forgotten without ever having a result.
        const place = await store.placeOf(taskId);
        if (place?.jobId !== jobId) return store.forgetCancellation(taskId);
        await this.#tasks.endUnlessHeld(taskId, place);
      }),
    );
  }

  async #removeLeftovers(): Promise<void> {
    const before = Date.now() - LEAVE_ALONE_MS;
    const old = [...this.#leftToOthers].filter(([, heardAt]) => heardAt <= before).map(([taskId]) => taskId);
    await Promise.all(old.map((taskId) => this.#tasks.removeLeftover(taskId)));
    for (const taskId of old) this.#leftToOthers.delete(taskId);
  }
}
