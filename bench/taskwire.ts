import { once } from 'node:events';
import type { Config } from '@taskwire/config';
import { tasksStreamKey } from '@taskwire/protocol';
import { type ChainableCommander, Redis } from 'ioredis';

/** How requests go in. */
export type Way = 'PUBLISH' | 'XADD';

/** Sends requests and counts results over two connections, as an application would. */
export class Publisher implements Disposable {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #channel: string;
  readonly #stream: string;

  private constructor(redisUrl: string, { channels, key_prefix }: Config['redis']) {
    this.#publisher = new Redis(redisUrl);
    this.#subscriber = new Redis(redisUrl);
    this.#channel = channels.tasks[0];
    this.#stream = tasksStreamKey(key_prefix);
  }

  static async start(redisUrl: string, { redis }: Config): Promise<Publisher> {
    const publisher = new Publisher(redisUrl, redis);
    await publisher.#subscriber.subscribe(redis.channels.results);
    return publisher;
  }

  /** Sends `count` tasks at once; resolves when all results have come. */
  async burst(count: number, way: Way): Promise<void> {
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
    for (let index = 0; index < count; index += 1) this.#send(pipeline, way, requestNumber(index));
    await pipeline.exec();
    await results;
  }

  /** Sends one task and waits for its result; returns the time, in ms. */
  async loneTask(index: number, way: Way): Promise<number> {
    const result = once(this.#subscriber, 'messageBuffer');
    const start = performance.now();
    this.#send(this.#publisher, way, requestNumber(index));
    await result;
    return performance.now() - start;
  }

  #send(connection: Redis | ChainableCommander, way: Way, request: string): void {
    if (way === 'PUBLISH') void connection.publish(this.#channel, request);
    else void connection.xadd(this.#stream, '*', 'message', request);
  }

  [Symbol.dispose](): void {
    this.#publisher.disconnect();
    this.#subscriber.disconnect();
  }
}

function requestNumber(index: number): string {
  return JSON.stringify({ user_id: index, task_type: 'reverse_string', parameters: { text: `task ${index}` } });
}
