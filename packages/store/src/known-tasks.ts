import { resultKey, taskKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

/** Tasks, as the processor's `admit.lua` and the announcer leave them in Redis. */
export class KnownTasks {
  readonly #redis: Redis;
  readonly #keyPrefix: string;

  constructor(redis: Redis, keyPrefix: string) {
    this.#redis = redis;
    this.#keyPrefix = keyPrefix;
  }

  /** The id of the BullMQ job that carries the task now; undefined when the task is not known, or no longer. */
  async jobIdOf(taskId: string): Promise<string | undefined> {
    // fingerprint|job id|awaited
    return (await this.#redis.get(taskKey(this.#keyPrefix, taskId)))?.split('|')[1];
  }

  /** The size of the stored result in bytes; 0 when there is none. */
  resultSize(taskId: string): Promise<number> {
    return this.#redis.strlen(resultKey(this.#keyPrefix, taskId));
  }

  /** The stored result message. */
  result(taskId: string): Promise<string | null> {
    return this.#redis.get(resultKey(this.#keyPrefix, taskId));
  }
}
