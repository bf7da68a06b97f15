import { isRawNumber, rawNumber, removalsKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import type { Cancellation } from './cancellation.ts';

interface Entry extends Cancellation {
  /** When it was written, in ms since 1970. */
  at: number;
  /** Of a `user_id` that loses digits when the entry is parsed. */
  digits?: string | undefined;
}

/** The name of its entry. Before jobs had several tasks, it was the id of the job. */
export function entryOf({ jobId, result }: Cancellation): string {
  return `${jobId} ${result.task_id}`;
}

/**
 * The removals under way, in Redis. If a process dies, or Redis does not answer, between the removal of a job and the
 * result of its task, another process must finish it, or the task would never have a result.
 */
export class RemovalJournal {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, keyPrefix: string) {
    this.#redis = redis;
    this.#key = removalsKey(keyPrefix);
  }

  /** Resolves when Redis has it. */
  async write(cancellations: readonly Cancellation[]): Promise<void> {
    if (cancellations.length === 0) return;
    const at = Date.now();
    const fields = cancellations.flatMap((one) => {
      const { user_id } = one.result;
      const entry: Entry = { ...one, at, digits: isRawNumber(user_id) ? user_id.rawJSON : undefined };
      return [entryOf(one), JSON.stringify(entry)];
    });
    await this.#redis.hset(this.#key, fields);
  }

  async strike(entries: readonly string[]): Promise<void> {
    if (entries.length > 0) await this.#redis.hdel(this.#key, ...entries);
  }

  /** Entries so old that their writer no longer works on them, by name. */
  async olderThan(ageMs: number): Promise<[entry: string, Cancellation][]> {
    const before = Date.now() - ageMs;
    const entries = Object.entries(await this.#redis.hgetall(this.#key));
    return entries.flatMap(([name, text]): [string, Cancellation][] => {
      const { digits, at, ...one }: Entry = JSON.parse(text);
      if (at > before) return [];
      const result = digits === undefined ? one.result : { ...one.result, user_id: rawNumber(digits) };
      return [[name, { ...one, result }]];
    });
  }
}
