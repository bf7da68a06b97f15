import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@taskwire/service';
import type { Notification } from './notification.ts';
import type { Receiver } from './receiver.ts';

/** A task of which a receiver is to be told. */
export interface Delivery {
  notification: Notification;
  /** Its entry in the stream. */
  entry: string;
  failures: number;
}

export interface DeliveriesOptions {
  receiver: Receiver;
  /** How many attempts a delivery has. */
  attempts: number;
  /** From the first failure to the next attempt; doubled each time, up to a minute. Default 1000. */
  firstDelayMs?: number | undefined;
  /** A delivery is told, or given up. */
  onDone: (delivery: Delivery) => void;
  logger: Logger;
}

const CONCURRENCY = 8;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 60_000;

/**
 * Delivers results to one receiver, roughly in the order in which they are pushed: several at a time, and failed ones again
 * later.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #cutOff = new AbortController();
  readonly #ready: Delivery[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #closed = false;
  #failing = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  push(delivery: Delivery): void {
    this.#ready.push(delivery);
    this.#tellNext();
  }

  /** Starts no further delivery. Resolves when running ones have ended; at the deadline they are cut off, and not done. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    const ended = Promise.all(this.#underWay);
    await Promise.race([ended, delay(timeoutMs, undefined, { ref: false })]);
    this.#cutOff.abort();
    await ended;
  }

  #tellNext(): void {
    while (!this.#closed && this.#underWay.size < CONCURRENCY) {
      const delivery = this.#ready.shift();
      if (!delivery) return;
      const telling = this.#tell(delivery).finally(() => {
        this.#underWay.delete(telling);
        this.#tellNext();
      });
      this.#underWay.add(telling);
    }
  }

  async #tell(delivery: Delivery): Promise<void> {
    const { receiver, attempts, onDone } = this.#options;
    const outcome = await receiver.tell(delivery.notification, this.#cutOff.signal);
    if (outcome.status === 'told') {
      this.#logRecovery();
      onDone(delivery);
      return;
    }
    // The next start, or the processor that leads then, tells it again.
    if (this.#closed) return;
    delivery.failures += 1;
    if (outcome.status === 'refused' || delivery.failures >= attempts) {
      this.#log('error', delivery, outcome.why);
      onDone(delivery);
      return;
    }
    // One line when it begins to fail; each that is given up gets its own line.
    if (!this.#failing) this.#log('warn', delivery, outcome.why);
    this.#failing = true;
    this.#tellLater(delivery, outcome.retryAfterMs ?? 0);
  }

  #tellLater(delivery: Delivery, atLeastMs: number): void {
    const { firstDelayMs = FIRST_DELAY_MS } = this.#options;
    const full = Math.min(firstDelayMs * 2 ** (delivery.failures - 1), MAX_DELAY_MS);
    const retry = () => {
      this.#timers.delete(timer);
      // Whatever else is ready ended later.
      this.#ready.unshift(delivery);
      this.#tellNext();
    };
    const timer = setTimeout(retry, Math.max(atLeastMs, full * (1 - Math.random() / 5)));
    this.#timers.add(timer);
  }

  #log(level: 'warn' | 'error', { notification, failures }: Delivery, why: string): void {
    const { receiver, logger } = this.#options;
    const about = { task_id: notification.taskId, receiver: receiver.shown, attempts: failures, reason: why };
    const next = level === 'error' ? 'giving it up' : 'trying again';
    logger[level](about, `the ${receiver.kind} did not get a result; ${next}`);
  }

  #logRecovery(): void {
    const { receiver, logger } = this.#options;
    if (this.#failing) logger.info({ receiver: receiver.shown }, `the ${receiver.kind} works again`);
    this.#failing = false;
  }
}
