import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@taskwire/service';
import { untilDone } from '@taskwire/store';
import { Deliveries, type Delivery } from './deliveries.ts';
import { notificationOf } from './notification.ts';
import type { Receiver } from './receiver.ts';
import type { ResultEntry, ResultsGroup } from './results-group.ts';

export interface NotifierOptions {
  receiver: Receiver;
  group: ResultsGroup;
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

/** A slow or absent receiver must not fill the memory: in results, and in characters, since results may be megabytes. */
const MAX_OPEN = 100;
const MAX_OPEN_LENGTH = 32 * 1024 * 1024;

/**
 * Tells one receiver of every task that ends, while this processor leads: at least once, because the results stream keeps
 * what its group has not acknowledged. Each receiver has its own notifier, so that none waits for another.
 */
export class Notifier implements AsyncDisposable {
  readonly #options: NotifierOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Entries begin with their time in ms: until one is read, those since the start are to be told. */
  #lastRead = `${Date.now()}-0`;
  #wake: () => void = () => undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Resolves when every task that ends from now on will be told. */
  async start(): Promise<void> {
    const { group, logger } = this.#options;
    const what = 'Redis did not take the group of a receiver; trying again';
    await untilDone(() => group.start(), { what, logger, signal: this.#stopping.signal });
    this.#running = this.#run();
  }

  /** Resolves when running deliveries have ended, or were cut off for the next start to tell again. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#options.group[Symbol.dispose]();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { leading, logger, receiver, group } = this.#options;
    while (!this.#stopped) {
      try {
        if (leading()) await this.#tellWhileLeading();
      } catch (error) {
        const { message } = error as Error;
        // Redis has lost everything, or somebody has deleted the group.
        if (message.startsWith('NOGROUP')) await group.create(this.#lastRead).catch(() => undefined);
        else if (!this.#stopped)
          logger.warn({ reason: message }, `results for the ${receiver.kind} cannot be read; trying again`);
      }
      await this.#pause();
    }
  }

  async #tellWhileLeading(): Promise<void> {
    const { group, leading, stopTimeoutMs } = this.#options;
    const open = new Set<Delivery>();
    const done: string[] = [];
    const deliveries = new Deliveries({
      ...this.#options,
      onDone: (delivery) => {
        open.delete(delivery);
        // At once, so that a processor that is killed tells as little as possible twice.
        if (done.length === 0) setImmediate(() => void this.#acknowledge(done).catch(() => undefined));
        done.push(delivery.entry);
        this.#wake();
      },
    });
    try {
      // First what the last one that led has read and not told.
      let from = '0';
      while (leading() && !this.#stopped) {
        await this.#acknowledge(done);
        if (!hasRoom(open)) {
          await this.#doneSoon();
          continue;
        }
        const entries = await group.read(from, LOOK_INTERVAL_MS);
        if (from !== '>') from = entries.at(-1)?.id ?? '>';
        else this.#lastRead = entries.at(-1)?.id ?? this.#lastRead;
        for (const entry of entries) {
          const delivery = this.#deliveryOf(entry);
          if (delivery) open.add(delivery);
          if (delivery) deliveries.push(delivery);
          else done.push(entry.id);
        }
      }
    } finally {
      await deliveries.close(stopTimeoutMs);
      const acknowledged = this.#acknowledge(done).catch(() => undefined);
      await Promise.race([acknowledged, delay(LOOK_INTERVAL_MS, undefined, { ref: false })]);
    }
  }

  #deliveryOf({ id, message }: ResultEntry): Delivery | undefined {
    const { taskTypes, logger, receiver } = this.#options;
    if (message === undefined) logger.warn({ entry: id }, `the ${receiver.kind} misses a result that is gone`);
    const notification = message === undefined ? undefined : notificationOf(message);
    const isWanted = notification && (taskTypes.length === 0 || taskTypes.includes(notification.taskType));
    return isWanted ? { notification, entry: id, failures: 0 } : undefined;
  }

  /** Tells Redis what is done. If that fails, the results are told again. */
  async #acknowledge(done: string[]): Promise<void> {
    if (done.length > 0) await this.#options.group.acknowledge(done.splice(0));
  }

  /** Waits until something is told or given up, but not for long. */
  async #doneSoon(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    await Promise.race([promise, this.#pause()]);
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  async #pause(): Promise<void> {
    const { signal } = this.#stopping;
    await delay(LOOK_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

function hasRoom(open: ReadonlySet<Delivery>): boolean {
  let length = 0;
  for (const { notification } of open) length += notification.message.length;
  return open.size < MAX_OPEN && length < MAX_OPEN_LENGTH;
}
