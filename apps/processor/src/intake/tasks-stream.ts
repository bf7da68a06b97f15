import { PROCESSORS_GROUP, tasksStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

/** An entry of the stream: names and values in turns. */
export interface StreamEntry {
  id: string;
  fields: Buffer[];
}

export interface TasksStreamOptions {
  /** A connection of its own: reading blocks it. */
  reader: Redis;
  redis: Redis;
  keyPrefix: string;
}

/**
 * All processors are one consumer of the group: Redis gives each entry to one of them, and nothing has to be tidied up when
 * one dies. What a dead one has read is known by its idle time.
 */
const CONSUMER = 'processors';

/** The stream of requests and cancels, as its processors share it. All calls wait while Redis is away. */
export class TasksStream {
  readonly #reader: Redis;
  readonly #redis: Redis;
  readonly #key: string;

  constructor({ reader, redis, keyPrefix }: TasksStreamOptions) {
    this.#reader = reader;
    this.#redis = redis;
    this.#key = tasksStreamKey(keyPrefix);
  }

  /** Makes the group, and the stream, if they are not there: also what was added before the first processor ever is read. */
  async createGroup(): Promise<void> {
    await this.#redis.xgroup('CREATE', this.#key, PROCESSORS_GROUP, '0', 'MKSTREAM').catch((error: Error) => {
      if (!error.message.startsWith('BUSYGROUP')) throw error;
    });
  }

  /** The next entries that nobody has read; none when none came in time. */
  async read(count: number, blockMs: number): Promise<StreamEntry[]> {
    const group = ['GROUP', PROCESSORS_GROUP, CONSUMER] as const;
    const found = await this.#reader.xreadgroupBuffer(
      ...group,
      'COUNT',
      count,
      'BLOCK',
      blockMs,
      'STREAMS',
      this.#key,
      '>',
    );
    return entriesOf((found as [Buffer, RawEntry[]][] | null)?.[0]?.[1]);
  }

  /** Entries that were read longer ago than that and are still there: whoever read them is dead, or slow. */
  async claim(count: number, idleMs: number): Promise<StreamEntry[]> {
    const place = [this.#key, PROCESSORS_GROUP, CONSUMER] as const;
    // ioredis has no type for the form with buffers.
    const claimed = await this.#redis.callBuffer('XAUTOCLAIM', ...place, idleMs, '0-0', 'COUNT', count);
    const [, entries] = claimed as [next: Buffer, RawEntry[]];
    return entriesOf(entries);
  }

  /** The oldest entry that was read, is still there, and is none of so many own ones. */
  async oldestOpen(ownCount: number, isOwn: (id: string) => boolean): Promise<string | undefined> {
    const open = await this.#redis.xpending(this.#key, PROCESSORS_GROUP, '-', '+', ownCount + 1);
    return (open as [id: string][]).map(([id]) => id).find((id) => !isOwn(id));
  }

  /** Acknowledges entries and deletes them: in Redis 7 those are two commands. */
  async delete(ids: readonly string[]): Promise<void> {
    const answers = await this.#redis
      .multi()
      .xack(this.#key, PROCESSORS_GROUP, ...ids)
      .xdel(this.#key, ...ids)
      .exec();
    for (const [error] of answers ?? []) if (error) throw error;
  }

  /** Interrupts a read. */
  close(): void {
    this.#reader.disconnect();
  }
}

type RawEntry = [id: Buffer, fields: Buffer[]];

function entriesOf(entries: readonly RawEntry[] | undefined): StreamEntry[] {
  return (entries ?? []).map(([id, fields]) => ({ id: id.toString(), fields }));
}
