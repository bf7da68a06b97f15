import type { Logger } from '@taskwire/service';
import type { AwaitedTasks } from './awaited-tasks.ts';
import type { ResultStore } from './result-store.ts';

export interface StoreWatchOptions {
  store: Pick<ResultStore, 'look'>;
  tasks: AwaitedTasks;
  /** Told of a task that has its result. */
  onEnded: (taskId: string) => void;
  /** Told of tasks of which Redis knows nothing. */
  onUnknown: (taskIds: readonly string[]) => void;
  logger: Logger;
}

const INTERVAL_MS = 1000;

/** At most so many tasks are looked for in one round trip, and per second. */
const MOST_AT_ONCE = 1000;

/**
 * Looks into the store for the results of open tasks: PUBLISH is at most once, and a task may have been submitted before, by
 * somebody who had its result sent elsewhere.
 */
export class StoreWatch implements Disposable {
  readonly #options: StoreWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  /** How many are to be looked for at once, not one second after the other. */
  #urgent = 0;

  constructor(options: StoreWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), INTERVAL_MS).unref();
    this.lookForAll();
  }

  /** Looks for all open tasks now: results may have been missed. */
  lookForAll(): void {
    this.#urgent = this.#options.tasks.size;
    void this.#look();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#urgent = 0;
  }

  async #look(): Promise<void> {
    // Redis may be away, or slow.
    if (this.#looking) return;
    this.#looking = true;
    try {
      do {
        this.#urgent -= MOST_AT_ONCE;
        await this.#lookForNext();
      } while (this.#urgent > 0);
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'results of the inbox could not be read; trying again');
    } finally {
      this.#looking = false;
    }
  }

  async #lookForNext(): Promise<void> {
    const { store, tasks, onEnded, onUnknown } = this.#options;
    // Before a task is accepted it may not be there, and the id may be another's.
    const open = tasks.next(MOST_AT_ONCE).filter(({ isAccepted, outcome }) => isAccepted && !outcome);
    if (open.length === 0) return;
    const { ended, unknown } = await store.look(open.map(({ taskId }) => taskId));
    for (const taskId of ended) onEnded(taskId);
    if (unknown.length > 0) onUnknown(unknown);
  }
}
