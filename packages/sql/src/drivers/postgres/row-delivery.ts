import { setImmediate } from 'node:timers/promises';
import type { RowReceiver, SqlRow } from '../../driver.ts';

export interface RowDeliveryOptions {
  receiver: RowReceiver;
  decode: (texts: (string | null)[]) => SqlRow;
  maxRows: number;
  /** Where the rows come from. */
  stream: { pause(): unknown; resume(): unknown };
  /** Called once, when no more rows are wanted. */
  onEnough: () => void;
}

const BATCH_ROWS = 1000;
const BATCH_BYTES = 1024 * 1024;

/**
 * Takes rows from the server and hands them to a receiver in batches of up to 1,000 rows or 1 MiB, plus what arrived
 * together with them. While the receiver is busy the stream is paused, and so is the server.
 */
export class RowDelivery {
  /** How many wanted rows have come. */
  rowCount = 0;
  /** Whether more have come. */
  isTruncated = false;
  readonly #options: RowDeliveryOptions;
  readonly #abandoned = Promise.withResolvers<void>();
  #batch: (string | null)[][] = [];
  #batchBytes = 0;
  #isClosed = false;
  #delivering: Promise<void> | undefined;
  #failure: { thrown: unknown } | undefined;

  /** Whether no more rows are wanted. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  constructor(options: RowDeliveryOptions) {
    this.#options = options;
  }

  /** Takes the texts of a row's values, and their size in bytes on the wire. */
  add(texts: (string | null)[], bytes: number): void {
    if (this.#isClosed) return;
    if (this.rowCount === this.#options.maxRows) {
      this.isTruncated = true;
      this.#close();
      return;
    }
    this.rowCount += 1;
    this.#batch.push(texts);
    this.#batchBytes += bytes;
    if (this.#batch.length >= BATCH_ROWS || this.#batchBytes >= BATCH_BYTES) this.#delivering ??= this.#deliver();
  }

  /** Resolves when all rows that have come are handed over. @throws what the receiver has thrown */
  async finish(): Promise<void> {
    this.#delivering ??= this.#deliver();
    await Promise.race([this.#delivering, this.#abandoned.promise]);
    if (this.#failure) throw this.#failure.thrown;
  }

  /** Gives the receiver no more rows, and does not wait for it. */
  abandon(): void {
    this.#isClosed = true;
    this.#batch = [];
    this.#abandoned.resolve();
  }

  async #deliver(): Promise<void> {
    const { stream, receiver, decode } = this.#options;
    stream.pause();
    try {
      while (this.#batch.length > 0) {
        const batch = this.#batch;
        this.#batch = [];
        this.#batchBytes = 0;
        await receiver.rows(batch.map(decode));
        // Otherwise a fast server would block all other work: there is always more to read.
        await setImmediate();
      }
    } catch (thrown) {
      this.#failure = { thrown };
      this.#batch = [];
      this.#close();
    } finally {
      this.#delivering = undefined;
      stream.resume();
    }
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.onEnough();
  }
}
