import { randomUUID } from 'node:crypto';
import type { Logger } from '@taskwire/service';
import type { Redis } from 'ioredis';

export interface ResultChannelsOptions {
  /** A connection of its own. */
  subscriber: Redis;
  /** Called for every result on one of the channels: that task seems to have ended. */
  onResult: (taskId: string) => void;
  /** Called when the subscriptions are back after a cut: results may have been missed. */
  onBack: () => void;
  logger: Logger;
}

/** Our own programs begin a result with its task; longer than the longest id, to look at no more of a result. */
const BEGINNING = /^\{"task_id":"([A-Za-z0-9._~-]{1,128})"/;
const BEGINNING_LENGTH = 160;

interface Subscription {
  holders: number;
  stands: Promise<unknown>;
}

/**
 * Listens for results. A message is only a hint, because anybody may publish: the result itself is read from the store. So
 * no message is parsed or kept, and one of another form is none of ours.
 */
export class ResultChannels implements Disposable {
  /** Only this object listens to it. */
  readonly own = `results:inbox:${randomUUID()}`;
  readonly #options: ResultChannelsOptions;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(options: ResultChannelsOptions) {
    this.#options = options;
  }

  /** Resolves when the own channel is subscribed; waits for Redis as long as it is away. */
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

  /** Subscribes to a further channel, until every `hold` is released. Resolves when it is subscribed. */
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
      // The store is read as well.
      this.#options.logger.debug({ err: error, channel }, 'could not subscribe to a channel for results');
    }
  }

  release(channel: string): void {
    const subscription = this.#subscriptions.get(channel);
    if (!subscription) return;
    subscription.holders -= 1;
    if (subscription.holders > 0) return;
    this.#subscriptions.delete(channel);
    // A lost connection has no subscriptions left to end.
    this.#options.subscriber.unsubscribe(channel).catch(() => undefined);
  }

  [Symbol.dispose](): void {
    this.#options.subscriber.disconnect();
  }
}
