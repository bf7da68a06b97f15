import { once } from 'node:events';
import type { Config } from '@taskwire/config';
import { Redis } from 'ioredis';

/** Publishes requests and counts results over two connections, as an application would. */
export class Publisher implements Disposable {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #channel: string;

  private constructor(redisUrl: string, channel: string) {
    this.#publisher = new Redis(redisUrl);
    this.#subscriber = new Redis(redisUrl);
    this.#channel = channel;
  }

  static async start(redisUrl: string, { redis: { channels } }: Config): Promise<Publisher> {
    const publisher = new Publisher(redisUrl, channels.tasks[0]);
    await publisher.#subscriber.subscribe(channels.results);
    return publisher;
  }

  /** Publishes `count` tasks at once; resolves when all results have come. */
  async burst(count: number): Promise<void> {
    let left = count;
    const results = new Promise<void>((resolve) => {
      const onMessage = () => {
        left -= 1;
        if (left > 0) return;
        this.#subscriber.off('messageBuffer', onMessage);
        resolve();
      };
      this.#subscriber.on('messageBuffer', onMessage);
    });
    const pipeline = this.#publisher.pipeline();
    for (let index = 0; index < count; index += 1) pipeline.publish(this.#channel, requestNumber(index));
    await pipeline.exec();
    await results;
  }

  /** Publishes one task and waits for its result; returns the time, in ms. */
  async loneTask(index: number): Promise<number> {
    const result = once(this.#subscriber, 'messageBuffer');
    const start = performance.now();
    void this.#publisher.publish(this.#channel, requestNumber(index));
    await result;
    return performance.now() - start;
  }

  [Symbol.dispose](): void {
    this.#publisher.disconnect();
    this.#subscriber.disconnect();
  }
}

function requestNumber(index: number): string {
  return JSON.stringify({ user_id: index, task_type: 'reverse_string', parameters: { text: `task ${index}` } });
}
