import type { Config } from '@taskwire/config';
import { Redis } from 'ioredis';

/** Reads which tasks are accepted, over its own connection. */
export class Receipts implements Disposable {
  readonly #redis: Redis;
  readonly #awaited = new Map<string, () => void>();
  #count = 0;
  #target = Number.POSITIVE_INFINITY;
  #reached: () => void = () => undefined;

  private constructor(redis: Redis) {
    this.#redis = redis;
    redis.on('message', (_, text) => this.#hear(text));
  }

  /** Resolves when it is subscribed. */
  static async on(redisUrl: string, { redis: { channels } }: Config): Promise<Receipts> {
    const redis = new Redis(redisUrl);
    const receipts = new Receipts(redis);
    await redis.subscribe(channels.events);
    return receipts;
  }

  /** Resolves when this task is accepted; call it before the submission. */
  of(taskId: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(taskId, resolve));
  }

  /** Resolves when `count` more tasks are accepted; call it before the submissions. */
  next(count: number): Promise<void> {
    this.#target = this.#count + count;
    return new Promise((resolve) => (this.#reached = resolve));
  }

  [Symbol.dispose](): void {
    this.#redis.disconnect();
  }

  #hear(text: string): void {
    // Most messages are other events: not parsed.
    if (!text.includes('"event":"accepted"')) return;
    const { task_id } = JSON.parse(text) as { task_id: string };
    this.#awaited.get(task_id)?.();
    this.#awaited.delete(task_id);
    this.#count += 1;
    if (this.#count === this.#target) this.#reached();
  }
}
