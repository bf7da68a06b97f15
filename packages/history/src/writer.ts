import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@taskwire/service';
import type { ResultEntry, ResultsGroup } from '@taskwire/store';
import type { HistoryThread } from './history-thread.ts';
import type { Lease } from './lease.ts';

export interface WriterOptions {
  group: ResultsGroup;
  lease: Lease;
  thread: HistoryThread;
  logger: Logger;
}

const PAUSE_MS = 2000;

/** What is written in one transaction, in entries and in characters. */
const MAX_ENTRIES = 256;
const MAX_LENGTH = 4 * 1024 * 1024;

/** How often it looks for what is to be pruned, and whether the file is still there when nothing ends. */
const LOOK_INTERVAL_MS = 10_000;

/** Writes the results stream into the file, while this process has the lease. */
export class Writer implements AsyncDisposable {
  readonly #options: WriterOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** The file that has what the stream had before. */
  #file: number | undefined;
  #isWriting = false;
  #lookAt = 0;
  #fault: string | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Why nothing is written; undefined when all is well. */
  get fault(): string | undefined {
    return this.#fault;
  }

  start(): void {
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#options.group[Symbol.dispose]();
    await this.#running;
    // Redis may be away.
    const released = this.#options.lease.release().catch(() => undefined);
    await Promise.race([released, delay(PAUSE_MS, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { lease, group, logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (await lease.hold()) await this.#write();
        else {
          this.#isWriting = false;
          await this.#pause();
        }
        if (this.#fault !== undefined) logger.info('the history is written again');
        this.#fault = undefined;
      } catch (error) {
        const reason = (error as Error).message;
        if (!signal.aborted && reason !== this.#fault)
          logger.warn({ reason }, 'the history is not written; trying again');
        this.#fault = reason;
        // What was read and not written is read again.
        group.rewind();
        await this.#pause();
      }
    }
  }

  async #write(): Promise<void> {
    const { group, thread, logger } = this.#options;
    if (!this.#isWriting) {
      await group.start('0');
      // The last writer may have left entries that it did not write.
      group.rewind();
      this.#isWriting = true;
      logger.info('this process writes the history');
    }
    const entries = await this.#portion();
    const looks = performance.now() >= this.#lookAt;
    if (entries.length === 0 && this.#file !== undefined && !looks) return;
    const { status, file } = await thread.call('write', entries, this.#file);
    if (status === 'empty') await group.restart();
    this.#file = file;
    if (status === 'empty') return group.rewind();
    if (entries.length > 0) await group.acknowledge(...entries.map(({ id }) => id));
    if (!looks) return;
    const more = await thread.call('prune');
    this.#lookAt = performance.now() + (more ? 0 : LOOK_INTERVAL_MS);
  }

  /** Few are read at a time, since each may be megabytes; many are written at once. */
  async #portion(): Promise<ResultEntry[]> {
    const entries = await this.#options.group.read(PAUSE_MS);
    let length = lengthOf(entries);
    for (let more = entries; more.length > 0 && entries.length < MAX_ENTRIES && length < MAX_LENGTH; ) {
      more = await this.#options.group.read(1);
      entries.push(...more);
      length += lengthOf(more);
    }
    return entries;
  }

  async #pause(): Promise<void> {
    await delay(PAUSE_MS, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }
}

function lengthOf(entries: readonly ResultEntry[]): number {
  return entries.reduce((sum, { message, request, run }) => {
    return sum + (message?.length ?? 0) + (request?.length ?? 0) + (run?.length ?? 0);
  }, 0);
}
