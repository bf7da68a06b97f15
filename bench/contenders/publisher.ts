import type { Config } from '@taskwire/config';
import { tasksStreamKey } from '@taskwire/protocol';
import { type ChainableCommander, Redis } from 'ioredis';
import { type Load, latencies } from '../measure/latencies.ts';

/** How requests go in. */
export type Way = 'PUBLISH' | 'XADD';

interface Places {
  redisUrl: string;
  tasks: string;
  results: string;
  stream: string;
}

/** Redis wants to have them read at this pace: a pipeline is one piece of memory. */
const AT_ONCE = 10_000;

/** Sends requests and counts results over two connections, as an application would. */
export class Publisher implements Disposable {
  readonly #publisher: Redis;
  readonly #subscriber: Redis;
  readonly #places: Places;

  private constructor(places: Places) {
    this.#publisher = new Redis(places.redisUrl);
    this.#subscriber = new Redis(places.redisUrl);
    this.#places = places;
  }

  static async start(places: Places): Promise<Publisher> {
    const publisher = new Publisher(places);
    await publisher.#subscriber.subscribe(places.results);
    return publisher;
  }

  static of(redisUrl: string, { redis: { channels, key_prefix } }: Config): Promise<Publisher> {
    const [tasks] = channels.tasks;
    return Publisher.start({ redisUrl, tasks, results: channels.results, stream: tasksStreamKey(key_prefix) });
  }

  /** Sends `count` tasks at once; resolves when all results have come. */
  async burst(count: number, way: Way): Promise<void> {
    const results = this.results(count);
    await this.send(count, way);
    await results;
  }

  async send(count: number, way: Way): Promise<void> {
    for (let start = 0; start < count; start += AT_ONCE) {
      const pipeline = this.#publisher.pipeline();
      for (let index = start; index < Math.min(count, start + AT_ONCE); index += 1) this.#add(pipeline, way, index);
      await pipeline.exec();
    }
  }

  /** Resolves with the times at which the next `count` results came, in ms. */
  results(count: number): Promise<number[]> {
    const times: number[] = [];
    return new Promise((resolve) => {
      const onMessage = () => {
        times.push(performance.now());
        if (times.length < count) return;
        this.#subscriber.off('messageBuffer', onMessage);
        resolve(times);
      };
      this.#subscriber.on('messageBuffer', onMessage);
    });
  }

  /** @param send sends the task of this number, in whatever way */
  async latencies(load: Load, send: (index: number) => void): Promise<number[]> {
    const onEnd = (listener: (index: number) => void) =>
      this.#subscriber.on('message', (_, text) => listener(Number(/"user_id": ?(\d+)/.exec(text)?.[1])));
    const times = await latencies(load, { send, onEnd });
    this.#subscriber.removeAllListeners('message');
    return times;
  }

  /** Sends one task; its number comes back with the result. */
  sendOne(way: Way, index: number): void {
    this.#add(this.#publisher, way, index);
  }

  #add(connection: Redis | ChainableCommander, way: Way, index: number): void {
    const request = { user_id: index, task_type: 'reverse_string', parameters: { text: `task ${index}` } };
    if (way === 'PUBLISH') void connection.publish(this.#places.tasks, JSON.stringify(request));
    else void connection.xadd(this.#places.stream, '*', 'message', JSON.stringify(request));
  }

  [Symbol.dispose](): void {
    this.#publisher.disconnect();
    this.#subscriber.disconnect();
  }
}
