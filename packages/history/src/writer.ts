import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceContext } from '@taskwire/service';
import type { ResultEntry, ResultsGroup } from '@taskwire/store';
import type { Redis } from 'ioredis';
import type { HistoryThread } from './history-thread.ts';

export interface WriterOptions extends Pick<ServiceContext, 'instance' | 'logger'> {
  redis: Redis;
  /** Holds the name of the one that writes. */
  leaseKey: string;
  group: ResultsGroup;
  thread: HistoryThread;
}

const LEASE_MS = 6000;
const PAUSE_MS = 2000;

/** Results that come one by one are written together: else each would cost a transaction, and six commands of Redis. */
const GATHER_MS = 100;

/** What is written in one transaction, in entries and in characters. */
const MAX_ENTRIES = 256;
const MAX_LENGTH = 4 * 1024 * 1024;

/** How often it looks for what is to be pruned, and whether the file is still there when nothing ends. */
const LOOK_INTERVAL_MS = 10_000;
const PRUNE_FOR_MS = 1000;

/** Writes the results stream into the file, while this process has the lease. */
export class Writer implements AsyncDisposable {
  readonly #options: WriterOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** The file that has what the stream had before. */
  #file: number | undefined;
  #isWriting = false;
  #isBehind = true;
  #startedAt = 0;
  #lookAt = 0;
  #fault: string | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /** Why nothing is written; undefined when all is well. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Whether what ended before it began may not be in the file yet. */
  get isBehind(): boolean {
    // If nobody lived who writes, the lease would be this one's by then.
    const isTold = this.#isWriting || performance.now() < this.#startedAt + LEASE_MS + PAUSE_MS;
    return this.#isBehind && isTold;
  }

  start(): void {
    this.#startedAt = performance.now();
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { group, redis, leaseKey } = this.#options;
    this.#stopping.abort();
    group[Symbol.dispose]();
    await this.#running;
    // Redis may be away; else the next one begins at once.
    const released = this.#isWriting && redis.del(leaseKey).catch(() => undefined);
    await Promise.race([released, delay(PAUSE_MS, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { group, logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        if (await this.#hasLease()) {
          await this.#write();
          if (group.isAtEnd) {
            this.#isBehind = false;
            await this.#pause(GATHER_MS);
          }
        } else await this.#pause(PAUSE_MS);
        this.#fault = undefined;
      } catch (error) {
        const { message: reason } = error as Error;
        const isNew = !signal.aborted && reason !== this.#fault;
        if (isNew) logger.warn({ reason }, 'the history is not written; trying again');
        this.#fault = reason;
        // What was read and not written is read again.
        group.rewind();
        await this.#pause(PAUSE_MS);
      }
    }
  }

  /** Takes the lease, or keeps it. Two that have it for a moment do no harm. */
  async #hasLease(): Promise<boolean> {
    const { redis, leaseKey: key, instance, group, logger } = this.#options;
    const isTaken =
      (await redis.set(key, instance, 'PX', LEASE_MS, 'NX')) === 'OK' || (await redis.get(key)) === instance;
    if (isTaken) await redis.pexpire(key, LEASE_MS);
    if (isTaken && !this.#isWriting) {
      // The last writer may have left entries that it did not write.
      this.#isBehind = true;
      group.rewind();
      await group.start('0');
      logger.info('this process writes the history');
    }
    this.#isWriting = isTaken;
    return isTaken;
  }

  async #write(): Promise<void> {
    const { group, thread, logger } = this.#options;
    const entries = await this.#portion();
    const looks = performance.now() >= this.#lookAt;
    if (entries.length === 0 && !looks) return;
    const { status, file } = await thread.call('write', entries, this.#file);
    if (status === 'empty') {
      await group.restart();
      logger.info('the file of the history is empty: it gets what the results stream still has');
    }
    // Only now: a restart that failed is made again.
    this.#file = file;
    if (status === 'empty') return;
    if (entries.length > 0) await group.acknowledge(...entries.map(({ id }) => id));
    if (!looks) return;
    const until = performance.now() + PRUNE_FOR_MS;
    let more = true;
    while (more && performance.now() < until) more = await thread.call('prune');
    this.#lookAt = performance.now() + (more ? 0 : LOOK_INTERVAL_MS);
  }

  /** Few are read at a time, since each may be megabytes; many are written at once. */
  async #portion(): Promise<ResultEntry[]> {
    const entries: ResultEntry[] = [];
    const untilLook = this.#isBehind ? 1 : Math.ceil(this.#lookAt - performance.now());
    const pauseMs = Math.min(PAUSE_MS, Math.max(1, untilLook));
    let length = 0;
    while (entries.length < MAX_ENTRIES && length < MAX_LENGTH) {
      const more = await this.#options.group.read(entries.length === 0 ? pauseMs : 1);
      if (more.length === 0) break;
      entries.push(...more);
      length += more.reduce(
        (sum, { message = '', request = '', run = '' }) => sum + (message + request + run).length,
        0,
      );
    }
    return entries;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping.signal, ref: false }).catch(() => undefined);
  }
}
