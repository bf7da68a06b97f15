import type { Logger } from '@taskwire/service';
import type { TaskStore } from '@taskwire/store';
import type { CancelTasks } from './cancel-tasks.ts';
import type { UnfinishedRemovals } from './unfinished-removals.ts';

export interface CancelFollowUpOptions {
  store: Pick<TaskStore, 'openCancellations' | 'placeOf' | 'forgetCancellation'>;
  cancelTasks: CancelTasks;
  removals: UnfinishedRemovals;
  logger: Logger;
  /** Whether this processor is the one to do it. */
  leading: () => boolean;
}

const LOOK_INTERVAL_MS = 1000;

/** Until then whoever heard of a cancellation is at it. */
const LEAVE_ALONE_MS = 1000;

/**
 * Sees to it that what was cancelled ends: a task that came back to its queue from a worker, one whose processor died
 * before it could remove it, or between the removal and the result.
 */
export class CancelFollowUp implements Disposable {
  readonly #options: CancelFollowUpOptions;
  /** When this processor heard of tasks that another one was to cancel, by their ids. */
  readonly #leftToOthers = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(options: CancelFollowUpOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), LOOK_INTERVAL_MS);
  }

  /** To be told of a cancellation that the leading processor is to see to. */
  leaveToOthers(taskId: string): void {
    if (!this.#leftToOthers.has(taskId)) this.#leftToOthers.set(taskId, Date.now());
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    // Redis may be away, or slow.
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#removeLeftovers();
      if (!this.#options.leading()) return;
      await this.#endOpenOnes();
      await this.#options.removals.finish();
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'what was cancelled is looked after later');
    } finally {
      this.#looking = false;
    }
  }

  async #endOpenOnes(): Promise<void> {
    const { store, cancelTasks } = this.#options;
    const before = Date.now() - LEAVE_ALONE_MS;
    const old = (await store.openCancellations()).filter(({ askedAt }) => askedAt <= before);
    await Promise.all(
      old.map(async ({ taskId, jobId }) => {
        // A task that was forgotten without ever having a result.
        const place = await store.placeOf(taskId);
        if (place?.jobId !== jobId) return store.forgetCancellation(taskId);
        await cancelTasks.endUnlessHeld(place);
      }),
    );
  }

  async #removeLeftovers(): Promise<void> {
    const before = Date.now() - LEAVE_ALONE_MS;
    const old = [...this.#leftToOthers].filter(([, heardAt]) => heardAt <= before).map(([taskId]) => taskId);
    await Promise.all(old.map((taskId) => this.#options.cancelTasks.removeLeftover(taskId)));
    for (const taskId of old) this.#leftToOthers.delete(taskId);
  }
}
