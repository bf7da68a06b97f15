import { randomUUID } from 'node:crypto';
import type { Logger } from '@taskwire/service';
import type { Redis } from 'ioredis';

export interface ResultChannelsOptions {
  /** A connection of its own. */
  subscriber: Redis;
  /** Told that a task seems to have its result, for every result that comes over one of the channels. */
  onResult: (taskId: string) => void;
  /** Told when the subscriptions are back after a cut: results may have been missed. */
  onBack: () => void;
  logger: Logger;
}

/** Our own programs begin a result with its task; longer than the longest id, so that no more of a result is looked at. */
const BEGINNING = /^\{"task_id":"([A-Za-z0-9._~-]{1,128})"/;
const BEGINNING_LENGTH = 160;

interface Subscription {
  holders: number;
  stands: Promise<unknown>;
}

/**
 * Hears of results. What comes is a hint only, because anybody may publish: the result itself is read from the store. So no
 * message is parsed or kept, however many come, and one of another form is none of ours.
 */
export class ResultChannels implements Disposable {
  /** Heard by this object alone. */
  readonly own = `results:inbox:${randomUUID()}`;
  readonly #options: ResultChannelsOptions;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(options: ResultChannelsOptions) {
    this.#options = options;
  }

  /** Resolves when the own channel is heard; waits for Redis as long as it is away. */
  async start(): Promise<void> {
    const { subscriber, onResult, onBack } = this.#options;
    subscriber.on('messageBuffer', (_channel: Buffer, message: Buffer) => {
      const taskId = BEGINNING.exec(message.toString('latin1', 0, BEGINNING_LENGTH))?.[1];
      if (taskId !== undefined) onResult(taskId);
    });
    await subscriber.subscribe(this.own);
    // ioredis subscribes again by itself.
    subscriber.on('ready', onBack);
  }

  /** Hears a further channel, until as many have released it as hold it. Resolves when it is heard. */
  async hold(channel: string): Promise<void> {
    let subscription = this.#subscriptions.get(channel);
    if (!subscription) {
      subscription = { holders: 0, stands: this.#options.subscriber.subscribe(channel) };
      this.#subscriptions.set(channel, subscription);
    }
    subscription.holders += 1;
    try {
      await subscription.stands;
    } catch (error) {
      // The store is looked into as well.
      this.#options.logger.debug({ err: error, channel }, 'could not subscribe to a channel for results');
    }
  }

  release(channel: string): void {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription) return;
    subscription.holders -= 1;
    if (subscription.holders > 0) return;
    this.#subscriptions.delete(channel);
    // A connection that is gone has no subscriptions left to end.
    this.#options.subscriber.unsubscribe(channel).catch(() => undefined);
  }

  [Symbol.dispose](): void {
    this.#options.subscriber.disconnect();
  }
}
