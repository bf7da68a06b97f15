import { setTimeout as delay } from 'node:timers/promises';
import type { Submission } from '@taskwire/admission';
import type { ReadEntries } from './read-entries.ts';
import type { TasksStream } from './tasks-stream.ts';

type Cancel = Submission & { id: string };

export interface HeldCancelsOptions {
  stream: Pick<TasksStream, 'oldestOpen'>;
  entries: ReadEntries;
  push: (cancel: Cancel) => void;
  /** Those that are held when it is aborted stay in the stream. */
  signal: AbortSignal;
}

const LOOK_INTERVAL_MS = 100;

/**
 * Holds each cancel until no entry before it is open elsewhere: another processor may have read the request of the task that is
 * to be cancelled, and not have taken it yet.
 */
export class HeldCancels {
  readonly #options: HeldCancelsOptions;
  /** In the order of the stream. */
  readonly #held: Cancel[] = [];
  #isLooking = false;

  constructor(options: HeldCancelsOptions) {
    this.#options = options;
  }

  add(cancel: Cancel): void {
    this.#held.push(cancel);
    if (!this.#isLooking) void this.#look();
  }

  async #look(): Promise<void> {
    const { stream, entries, push, signal } = this.#options;
    this.#isLooking = true;
    while (this.#held.length > 0 && !signal.aborted) {
      const oldest = await stream.oldestOpen(entries.size, (id) => entries.isTaken(id)).catch(() => '0-0');
      while (!signal.aborted && this.#held[0] && (oldest === undefined || isBefore(this.#held[0].id, oldest))) {
        push(this.#held.shift() as Cancel);
      }
      if (this.#held.length > 0) await delay(LOOK_INTERVAL_MS, undefined, { ref: false });
    }
    this.#isLooking = false;
  }
}

/** Whether an id of the stream, `ms-number`, is before another. */
function isBefore(id: string, other: string): boolean {
  const [ms = 0, number = 0] = id.split('-').map(Number);
  const [otherMs = 0, otherNumber = 0] = other.split('-').map(Number);
  return ms === otherMs ? number < otherNumber : ms < otherMs;
}
