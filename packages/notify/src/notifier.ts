import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@taskwire/service';
import { Backlog } from './backlog.ts';
import type { Cursor } from './cursor.ts';
import { Deliveries } from './deliveries.ts';
import { notificationOf } from './notification.ts';
import type { Receiver } from './receiver.ts';
import type { ResultEntry, ResultsStream } from './results-stream.ts';

export interface NotifierOptions {
  receiver: Receiver;
  stream: ResultsStream;
  cursor: Cursor;
  /** Only of these; of all when there are none. */
  taskTypes: readonly string[];
  attempts: number;
  /** How long running deliveries may continue when it is stopped. */
  stopTimeoutMs: number;
  /** Whether this processor is the one to do it. */
  leading: () => boolean;
  logger: Logger;
  /** After a failed attempt; see `Deliveries`. */
  firstDelayMs?: number | undefined;
}

/** How often it checks whether it leads. */
const LOOK_INTERVAL_MS = 1000;

/**
 * Tells one receiver of every task that ends, while this processor leads: at least once, because the results stream keeps
 * the results and Redis the receiver's position. Each receiver has its own notifier, so that none waits for another.
 */
export class Notifier implements AsyncDisposable {
  readonly #options: NotifierOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Resolves when every task that ends from now on will be told. */
  async start(): Promise<void> {
    const { stream, cursor } = this.#options;
    await cursor.begin(await stream.end());
    this.#running = this.#run();
  }

  /** Resolves when running deliveries have ended, or were cut off for the next start to tell again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#options.stream[Symbol.dispose]();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { leading, logger, receiver } = this.#options;
    while (!this.#stopped) {
      try {
        if (leading()) await this.#tellWhileLeading();
      } catch (error) {
        if (!this.#stopped)
          logger.warn({ err: error }, `results for the ${receiver.kind} cannot be read; trying again`);
      }
      await this.#pause();
    }
  }

  async #tellWhileLeading(): Promise<void> {
    const { stream, cursor, leading, stopTimeoutMs } = this.#options;
    const backlog = new Backlog((await cursor.load()) ?? { position: await stream.end(), told: [] });
    const deliveries = new Deliveries({
      ...this.#options,
      onDone: (delivery) => {
        backlog.remove(delivery);
        cursor.save(backlog.progress);
        this.#wake();
      },
    });
    try {
      await this.#skipMissing(backlog);
      while (leading() && !this.#stopped) {
        if (!backlog.hasRoom) {
          if (!(await this.#doneSoon())) await this.#skipMissing(backlog);
          continue;
        }
        const entries = await stream.read(backlog.read, LOOK_INTERVAL_MS);
        for (const entry of entries) this.#take(entry, backlog, deliveries);
        cursor.save(backlog.progress);
      }
    } finally {
      await deliveries.close(stopTimeoutMs);
      await Promise.race([cursor.settled(), delay(LOOK_INTERVAL_MS, undefined, { ref: false })]);
    }
  }

  #take({ position, message }: ResultEntry, backlog: Backlog, deliveries: Deliveries): void {
    const { taskTypes } = this.#options;
    const notification = notificationOf(message);
    const wanted = notification && (taskTypes.length === 0 || taskTypes.includes(notification.taskType));
    if (wanted && !backlog.wasTold(position)) deliveries.push(backlog.add(notification, position));
    else backlog.passOver(position);
  }

  /** Results that were not read in time are gone: log it. */
  async #skipMissing(backlog: Backlog): Promise<void> {
    const { stream, logger, receiver } = this.#options;
    const missing = await stream.missing(backlog.read);
    if (missing === 0) return;
    backlog.skip(missing);
    const reason = 'it was slow or away for longer than the results stream reaches back (results.stream_max_length)';
    logger.warn({ results: missing, reason }, `the ${receiver.kind} misses results that are gone`);
  }

  /** Waits until something is told or given up. Gives false when that takes long. */
  async #doneSoon(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, LOOK_INTERVAL_MS, false);
    this.#wake = () => resolve(true);
    const done = await promise;
    clearTimeout(timer);
    return done;
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #pause(): Promise<void> {
    const { signal } = this.#stopping;
    await delay(LOOK_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
