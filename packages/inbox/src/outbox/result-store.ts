import { resultKey, taskIdOfJob, taskKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

export interface ResultStoreOptions {
  redis: Redis;
  keyPrefix: string;
  /** Names of all queues. */
  queues: readonly string[];
}

/** No more jobs of a queue are read: workers run far fewer at a time. */
const MOST_ACTIVE = 10_000;

/** What Redis knows about tasks. Waits while it is away. */
export class ResultStore {
  readonly #options: ResultStoreOptions;

  constructor(options: ResultStoreOptions) {
    this.#options = options;
  }

  /** The result as published; null when there is none. */
  result(taskId: string): Promise<string | null> {
    const { redis, keyPrefix } = this.#options;
    return redis.get(resultKey(keyPrefix, taskId));
  }

  /** In one round trip: which of these tasks have ended, and which are unknown. */
  async look(taskIds: readonly string[]): Promise<{ ended: string[]; unknown: string[] }> {
    const { redis, keyPrefix } = this.#options;
    const pipeline = redis.pipeline();
    // The result first: it and the task are written together, so a task that ends in between is at least known.
    for (const taskId of taskIds) pipeline.exists(resultKey(keyPrefix, taskId)).exists(taskKey(keyPrefix, taskId));
    const counts = answers<number>(await pipeline.exec());
    const ended: string[] = [];
    const unknown: string[] = [];
    for (const [index, taskId] of taskIds.entries()) {
      if (counts[2 * index] === 1) ended.push(taskId);
      else if (counts[2 * index + 1] === 0) unknown.push(taskId);
    }
    return { ended, unknown };
  }

  /** In one round trip: the ids of all tasks that workers hold. */
  async running(): Promise<Set<string>> {
    const { redis, keyPrefix, queues } = this.#options;
    const pipeline = redis.pipeline();
    for (const queue of queues) pipeline.lrange(`${keyPrefix}:${queue}:active`, 0, MOST_ACTIVE - 1);
    const jobIds = answers<string[]>(await pipeline.exec()).flat();
    return new Set(jobIds.map(taskIdOfJob).filter((taskId) => taskId !== undefined));
  }
}

function answers<T>(replies: [error: Error | null, reply: unknown][] | null): T[] {
  return (replies ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply as T;
  });
}
