import { notifiedKey, resultsStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import type { Receiver } from './receiver.ts';

export interface ResultEntry {
  id: string;
  /** The result, as published; undefined when it is gone from the stream. */
  message: string | undefined;
}

export interface ResultsGroupOptions {
  /** A connection of its own, closed with it: reading blocks it. */
  reader: Redis;
  redis: Redis;
  keyPrefix: string;
  kind: Receiver['kind'];
}

/** So few that a portion of large results fits into memory. */
const PORTION = 8;

/** Only the leading processor reads, so all are the same consumer: the next one goes on with what this one has not told. */
const CONSUMER = 'leader';

/** The name of the group by which a receiver reads the results stream. */
export function groupOf(kind: Receiver['kind']): string {
  return `notify:${kind}`;
}

/** The consumer group of one receiver in the results stream. Waits while Redis is away. */
export class ResultsGroup implements Disposable {
  readonly #options: ResultsGroupOptions;
  readonly #key: string;
  readonly #group: string;

  constructor(options: ResultsGroupOptions) {
    this.#options = options;
    this.#key = resultsStreamKey(options.keyPrefix);
    this.#group = groupOf(options.kind);
  }

  /**
   * Makes the group if it is not there. Without a group the receiver is told of what ends from now on; one that version 0.1.0
   * told goes on where that was.
   */
  async start(): Promise<void> {
    const { redis, keyPrefix, kind } = this.#options;
    const earlier = notifiedKey(keyPrefix, kind);
    const [from = '$'] = (await redis.get(earlier))?.split(' ') ?? [];
    await this.create(from);
    await redis.del(earlier);
  }

  /** @param from the id of the entry before the first one to read. */
  async create(from: string): Promise<void> {
    await this.#options.redis.xgroup('CREATE', this.#key, this.#group, from, 'MKSTREAM').catch((error: Error) => {
      if (!error.message.startsWith('BUSYGROUP')) throw error;
    });
  }

  /**
   * The next entries, at most 8; none when none came in time.
   *
   * @param from `>` for those that nobody has read; an id for those after it that were read and not acknowledged.
   */
  async read(from: string, blockMs: number): Promise<ResultEntry[]> {
    const place = ['COUNT', PORTION, 'BLOCK', blockMs, 'STREAMS', this.#key, from] as const;
    const found = await this.#options.reader.xreadgroup('GROUP', this.#group, CONSUMER, ...place);
    return (found?.[0]?.[1] ?? []).map(([id, fields]) => {
      const name = fields?.indexOf('message') ?? -1;
      return { id, message: name === -1 ? undefined : fields?.[name + 1] };
    });
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    await this.#options.redis.xack(this.#key, this.#group, ...ids);
  }

  /** Interrupts a read. */
  [Symbol.dispose](): void {
    this.#options.reader.disconnect();
  }
}
