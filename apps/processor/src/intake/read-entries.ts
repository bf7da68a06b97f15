import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@taskwire/service';
import type { TasksStream } from './tasks-stream.ts';

export interface ReadEntriesOptions {
  stream: Pick<TasksStream, 'delete'>;
  /** Called when there is room for more. */
  onSettled: () => void;
  logger: Logger;
}

/** `submitted`: admission has it. `without_room`: it had no room yet. `settled`: perhaps still in the stream. */
type State = 'submitted' | 'without_room' | 'settled';

const DELETE_TIMEOUT_MS = 1000;

/** The entries that this processor has read, until they are deleted from the stream. */
export class ReadEntries {
  readonly #options: ReadEntriesOptions;
  readonly #entries = new Map<string, { size: number; state: State }>();
  #openCount = 0;
  #openBytes = 0;
  #settled: string[] = [];
  readonly #deleting = new Set<Promise<void>>();

  constructor(options: ReadEntriesOptions) {
    this.#options = options;
  }

  /** How many are not settled, and their bytes. */
  get open(): { count: number; bytes: number } {
    return { count: this.#openCount, bytes: this.#openBytes };
  }

  /** How many are known here. */
  get size(): number {
    return this.#entries.size;
  }

  /** Gives whether it is new here: one that was read before only waits for its turn. */
  add(id: string, size: number): boolean {
    const known = this.#entries.get(id);
    if (known && known.state !== 'settled') return false;
    this.#entries.set(id, { size, state: 'submitted' });
    this.#openCount += 1;
    this.#openBytes += size;
    return true;
  }

  hasRoom(id: string, hasRoom: boolean): void {
    const entry = this.#entries.get(id);
    if (entry) entry.state = hasRoom ? 'submitted' : 'without_room';
  }

  /** Whether admission has it, or had: what is submitted now comes after it. */
  isTaken(id: string): boolean {
    const entry = this.#entries.get(id);
    return entry !== undefined && entry.state !== 'without_room';
  }

  /** Its task is durable, or it is answered: it is deleted with the others of this turn of the event loop. */
  settle(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.state = 'settled';
    this.#openCount -= 1;
    this.#openBytes -= entry.size;
    if (this.#settled.length === 0) setImmediate(() => this.#delete());
    this.#settled.push(id);
    this.#options.onSettled();
  }

  /** Resolves when the settled ones are deleted, or could not be in time. */
  async deleted(): Promise<void> {
    this.#delete();
    await Promise.race([Promise.all(this.#deleting), delay(DELETE_TIMEOUT_MS, undefined, { ref: false })]);
  }

  #delete(): void {
    if (this.#settled.length === 0) return;
    const ids = this.#settled;
    this.#settled = [];
    const { stream, logger } = this.#options;
    const deleting = stream
      .delete(ids)
      // They are claimed later, and settled at once.
      .catch((error: Error) => logger.debug({ reason: error.message }, 'entries could not be deleted'))
      .finally(() => {
        this.#deleting.delete(deleting);
        for (const id of ids) if (this.#entries.get(id)?.state === 'settled') this.#entries.delete(id);
      });
    this.#deleting.add(deleting);
  }
}
