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

/** The consumer group of one receiver in the results stream. Waits while Redis is away. */
export class ResultsGroup implements Disposable {
  readonly #options: ResultsGroupOptions;
  readonly #place: readonly [key: string, group: string];
  /** `>`, or the entry behind which to go on with those that were read and not acknowledged. */
  #from = '0';
  /** Entries begin with their time in ms by the clock of Redis: until one is read, those since the start are to be told. */
  #lastRead = '0';

  constructor(options: ResultsGroupOptions) {
    this.#options = options;
    this.#place = placeOf(options.keyPrefix, options.kind);
    // The answer to a read may have been lost with the connection.
    options.reader.on('ready', () => this.rewind());
  }

  /**
   * Makes the group if it is not there. Without a group the receiver is told of what ends from now on; one that version 0.1.0
   * told goes on where that was.
   */
  async start(): Promise<void> {
    const { redis, keyPrefix, kind } = this.#options;
    const [seconds, microseconds] = await redis.time();
    // An entry may be of this very millisecond.
    this.#lastRead = `${Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000) - 1}-0`;
    const earlier = notifiedKey(keyPrefix, kind);
    const [from = '$'] = (await redis.get(earlier))?.split(' ') ?? [];
    await this.#create(from);
    await redis.del(earlier);
  }

  /** Reads first what was read and not acknowledged. */
  rewind(): void {
    this.#from = '0';
  }

  /** The next entries, at most 8; none when none came in time. */
  async read(blockMs: number): Promise<ResultEntry[]> {
    const [[key, group], from] = [this.#place, this.#from];
    const where = ['COUNT', PORTION, 'BLOCK', blockMs, 'STREAMS', key, from] as const;
    try {
      const found = await this.#options.reader.xreadgroup('GROUP', group, CONSUMER, ...where);
      const entries = found?.[0]?.[1] ?? [];
      const last = entries.at(-1)?.[0];
      if (from === '>') this.#lastRead = last ?? this.#lastRead;
      else if (from === this.#from) this.#from = last ?? '>';
      // Of somebody else's entry that is its first name: no result.
      return entries.map(([id, fields]) => ({ id, message: fields?.[fields.indexOf('message') + 1] }));
    } catch (error) {
      // Redis has lost everything, or somebody has deleted the group.
      unless('NOGROUP')(error as Error);
      await this.#create(this.#lastRead);
      return [];
    }
  }

  async acknowledge(id: string): Promise<void> {
    await this.#options.redis.xack(...this.#place, id);
  }

  /** Interrupts a read. */
  [Symbol.dispose](): void {
    this.#options.reader.disconnect();
  }

  async #create(from: string): Promise<void> {
    await this.#options.redis.xgroup('CREATE', ...this.#place, from, 'MKSTREAM').catch(unless('BUSYGROUP'));
  }
}

/** Removes the group of a receiver that is not configured: the stream would keep everything for it. */
export async function removeGroup(redis: Redis, keyPrefix: string, kind: Receiver['kind']): Promise<void> {
  await redis.xgroup('DESTROY', ...placeOf(keyPrefix, kind)).catch(unless('ERR The XGROUP'));
}

function placeOf(keyPrefix: string, kind: Receiver['kind']): readonly [key: string, group: string] {
  return [resultsStreamKey(keyPrefix), `notify:${kind}`];
}

/** Throws an error of Redis again, unless it begins with these words. */
function unless(words: string): (error: Error) => void {
  return (error) => {
    if (!error.message.startsWith(words)) throw error;
  };
}
