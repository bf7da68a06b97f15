import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@taskwire/service';
import { Places } from '@taskwire/service/places';
import { type ResultEntry, type ResultsGroup, untilDone } from '@taskwire/store';
import type { Receiver } from './receiver.ts';
import { type TaskEnd, taskEndOf } from './task-end.ts';

export interface NotifierOptions {
  receiver: Receiver;
  group: ResultsGroup;
  /** Only of these; of all when there are none. */
  taskTypes: readonly string[];
  /** Only of tasks that failed. */
  onlyFailures: boolean;
  /** How often the receiver is told of one task at most. */
  attempts: number;
  /** Default: 1 s; see `retryDelayMs`. */
  firstDelayMs?: number | undefined;
  /** How long running attempts may continue when it is stopped. */
  stopTimeoutMs: number;
  /** Whether this processor is the one to do it. */
  leading: () => boolean;
  logger: Logger;
}

/** How often it checks whether it leads. */
const LOOK_INTERVAL_MS = 1000;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;

/** Attempts at a time. */
const CONCURRENCY = 8;

/** A slow or absent receiver must not fill the memory: in results, and in characters, since results may be megabytes. */
const MAX_OPEN = 100;
const MAX_OPEN_LENGTH = 32 * 1024 * 1024;

/**
 * Tells one receiver of the tasks that end, roughly in order, while this processor leads: at least once, because the results
 * stream keeps what its group has not acknowledged. Each receiver has its own notifier, so that none waits for another.
 */
export class Notifier implements AsyncDisposable {
  readonly #options: NotifierOptions;
  readonly #stopping = new AbortController();
  readonly #cutOff = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Entries of which the receiver is being told, or will be told again. */
  readonly #open = new Map<string, { delivery: Promise<void>; length: number }>();
  /** Of those, the ones that are done: a read that is under way may bring them again. */
  readonly #ended: string[] = [];
  readonly #places = new Places(CONCURRENCY);
  #failing = false;

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

  /** Resolves when running attempts have ended, or were cut off for the next start to tell again. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { group, stopTimeoutMs } = this.#options;
    this.#stopping.abort();
    group[Symbol.dispose]();
    await this.#running;
    const ended = Promise.all(this.#deliveries);
    await Promise.race([ended, delay(stopTimeoutMs, undefined, { ref: false })]);
    this.#cutOff.abort();
    // Redis may be away.
    await Promise.race([ended, delay(LOOK_INTERVAL_MS, undefined, { ref: false })]);
  }

  get #leads(): boolean {
    return !this.#stopping.signal.aborted && this.#options.leading();
  }

  get #deliveries(): Promise<void>[] {
    return [...this.#open.values()].map(({ delivery }) => delivery);
  }

  get #hasRoom(): boolean {
    const length = [...this.#open.values()].reduce((sum, { length }) => sum + length, 0);
    return this.#open.size < MAX_OPEN && length < MAX_OPEN_LENGTH;
  }

  async #run(): Promise<void> {
    const { group, receiver, logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      for (const id of this.#ended.splice(0)) this.#open.delete(id);
      if (!this.#leads) {
        // Later with what the last one that led has read and not told.
        group.rewind();
        await this.#pause();
      } else if (!this.#hasRoom) {
        await Promise.race([...this.#deliveries, this.#pause()]);
      } else {
        try {
          for (const entry of await group.read(LOOK_INTERVAL_MS)) this.#take(entry);
        } catch (error) {
          const reason = (error as Error).message;
          if (!signal.aborted) logger.warn({ reason }, `results for the ${receiver.kind} cannot be read; trying again`);
          await this.#pause();
        }
      }
    }
  }

  #take({ id, message }: ResultEntry): void {
    const { group, receiver, logger } = this.#options;
    if (this.#open.has(id)) return;
    if (message === undefined) logger.warn({ entry: id }, `the ${receiver.kind} misses a result that is gone`);
    const end = this.#wantedIn(message);
    const delivery = (end ? this.#deliver(end) : Promise.resolve())
      // At once, so that a processor that is killed tells as little as possible twice.
      .then(() => group.acknowledge(id))
      // It stays pending: the next start, or the processor that leads then, tells it again.
      .catch(() => undefined)
      .finally(() => this.#ended.push(id));
    this.#open.set(id, { delivery, length: message?.length ?? 0 });
  }

  #wantedIn(message: string | undefined): TaskEnd | undefined {
    const { taskTypes, onlyFailures } = this.#options;
    const end = message === undefined ? undefined : taskEndOf(message);
    if (!end || (onlyFailures && end.status !== 'failed')) return undefined;
    return taskTypes.length === 0 || taskTypes.includes(end.taskType) ? end : undefined;
  }

  /** Resolves when the receiver has it, or it is given up. Rejects when this is no longer the processor to tell. */
  async #deliver(end: TaskEnd): Promise<void> {
    const { receiver, attempts, firstDelayMs, logger } = this.#options;
    for (let failures = 1; ; failures += 1) {
      const outcome = await this.#inTurn(() => receiver.tell(end, this.#cutOff.signal));
      if (outcome.status === 'told') {
        if (this.#failing) logger.info({ receiver: receiver.shown }, `the ${receiver.kind} works again`);
        this.#failing = false;
        return;
      }
      if (!this.#leads) throw new Error('an attempt failed that another processor makes again');
      const isLast = outcome.status === 'refused' || failures >= attempts;
      const about = { task_id: end.taskId, receiver: receiver.shown, attempts: failures, reason: outcome.why };
      const what = `the ${receiver.kind} did not get a result`;
      if (isLast) return logger.error(about, `${what}; giving it up`);
      // One line when it begins to fail; each that is given up gets its own line.
      if (!this.#failing) logger.warn(about, `${what}; trying again`);
      this.#failing = true;
      const waitMs = Math.max(outcome.retryAfterMs ?? 0, retryDelayMs(failures, firstDelayMs));
      await delay(waitMs, undefined, { signal: this.#stopping.signal, ref: false });
    }
  }

  async #inTurn<T>(act: () => Promise<T>): Promise<T> {
    using _place = await this.#places.take();
    if (!this.#leads) throw new Error('another processor leads');
    return await act();
  }

  async #pause(): Promise<void> {
    const { signal } = this.#stopping;
    await delay(LOOK_INTERVAL_MS, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** The time until the next attempt: doubled with each failure, up to a minute, less up to a fifth. */
export function retryDelayMs(failures: number, firstDelayMs = FIRST_DELAY_MS): number {
  return Math.min(firstDelayMs * 2 ** (failures - 1), MAX_DELAY_MS) * (1 - Math.random() / 5);
}
