import type { Logger } from '@taskwire/service';
import type { AwaitedTasks } from './awaited-tasks.ts';
import type { ResultStore } from './result-store.ts';

export interface StoreWatchOptions {
  store: Pick<ResultStore, 'look'>;
  tasks: AwaitedTasks;
  /** Called for a task that has its result. */
  onEnded: (taskId: string) => void;
  /** Called for tasks that Redis does not know. */
  onUnknown: (taskIds: readonly string[]) => void;
  logger: Logger;
}

const INTERVAL_MS = 1000;

/** The most tasks looked up in one round trip, and per second. */
const MOST_AT_ONCE = 1000;

/**
 * Looks up the results of open tasks in the store: PUBLISH is at most once, and a task may be an earlier submission whose
 * result went elsewhere.
 */
export class StoreWatch implements Disposable {
  readonly #options: StoreWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  /** How many to look up at once, without a second in between. */
  #urgent = 0;

  constructor(options: StoreWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), INTERVAL_MS).unref();
    this.lookForAll();
  }

  /** Looks up all open tasks now: results may have been missed. */
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
    // Before it is accepted, a task may not be there, and the id may be another's.
    const open = tasks.next(MOST_AT_ONCE).filter(({ isAccepted, outcome }) => isAccepted && !outcome);
    if (open.length === 0) return;
    const { ended, unknown } = await store.look(open.map(({ taskId }) => taskId));
    for (const taskId of ended) onEnded(taskId);
    if (unknown.length > 0) onUnknown(unknown);
  }
}
