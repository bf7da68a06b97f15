import { resultsStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

export interface ResultEntry {
  id: string;
  /** The result, as published; undefined when it is gone from the stream, empty in somebody else's entry. */
  message: string | undefined;
  /** What the stream says besides: JSON; see `Told`. */
  request: string | undefined;
  run: string | undefined;
}

export interface ResultsGroupOptions {
  /** A connection of its own, closed with it: reading blocks it. */
  reader: Redis;
  redis: Redis;
  keyPrefix: string;
  /** Its name in the stream. */
  group: string;
  /** Entries that are read at a time; each may be megabytes. */
  portion: number;
  /** Where version 0.1.0 kept its position. */
  earlierPositionKey?: string;
}

/** Only one process reads a group, so all are the same consumer: the next one goes on with what this one has not acknowledged. */
const CONSUMER = 'leader';

/** A consumer group of the results stream, which one process reads. Waits while Redis is away. */
export class ResultsGroup implements Disposable {
  readonly #options: ResultsGroupOptions;
  readonly #place: readonly [key: string, group: string];
  /** `>`, or the entry behind which to go on with those that were read and not acknowledged. */
  #from = '0';
  /** Entries begin with their time in ms by the clock of Redis: until one is read, those since the start are to be told. */
  #lastRead = '0';
  #isAtEnd = false;

  constructor(options: ResultsGroupOptions) {
    this.#options = options;
    this.#place = placeOf(options.keyPrefix, options.group);
    // The answer to a read may have been lost with the connection.
    options.reader.on('ready', () => this.rewind());
  }

  /**
   * Makes the group if it is not there.
   *
   * @param from behind which entry a new group begins. Default: where version 0.1.0 was, else with what ends from now on.
   */
  async start(from?: string): Promise<void> {
    const { redis, earlierPositionKey: earlier } = this.#options;
    const [seconds, microseconds] = await redis.time();
    // An entry may be of this very millisecond.
    this.#lastRead = from ?? `${Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000) - 1}-0`;
    const [position] = (earlier && (await redis.get(earlier))?.split(' ')) || [];
    await this.#create(from ?? position ?? '$');
    if (earlier) await redis.del(earlier);
  }

  /** Whether the last read has found that there is nothing more. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Reads first what was read and not acknowledged. */
  rewind(): void {
    this.#from = '0';
    this.#isAtEnd = false;
  }

  /** Reads all again that the stream still has. */
  async restart(): Promise<void> {
    await this.#options.redis.xgroup('SETID', ...this.#place, '0');
    this.#lastRead = '0';
    this.#isAtEnd = false;
  }

  /** The next entries, at most a portion; none when none came in time. */
  async read(blockMs: number): Promise<ResultEntry[]> {
    const [[key, group], from] = [this.#place, this.#from];
    const where = ['COUNT', this.#options.portion, 'BLOCK', blockMs, 'STREAMS', key, from] as const;
    try {
      const found = await this.#options.reader.xreadgroup('GROUP', group, CONSUMER, ...where);
      const entries = found?.[0]?.[1] ?? [];
      const last = entries.at(-1)?.[0];
      this.#isAtEnd = from === '>' && last === undefined;
      if (from === '>') this.#lastRead = last ?? this.#lastRead;
      else if (from === this.#from) this.#from = last ?? '>';
      return entries.map(entryOf);
    } catch (error) {
      // Redis has lost everything, or somebody has deleted the group.
      unless('NOGROUP')(error as Error);
      await this.#create(this.#lastRead);
      return [];
    }
  }

  async acknowledge(...ids: string[]): Promise<void> {
    await this.#options.redis.xack(...this.#place, ...ids);
  }

  /** Interrupts a read. */
  [Symbol.dispose](): void {
    this.#options.reader.disconnect();
  }

  async #create(from: string): Promise<void> {
    await this.#options.redis.xgroup('CREATE', ...this.#place, from, 'MKSTREAM').catch(unless('BUSYGROUP'));
  }
}

/** Removes a group that nobody reads any more: the stream would keep everything for it. */
export async function removeResultsGroup(redis: Redis, keyPrefix: string, group: string): Promise<void> {
  await redis.xgroup('DESTROY', ...placeOf(keyPrefix, group)).catch(unless('ERR The XGROUP'));
}

/** An entry as Redis gives it. */
export function entryOf([id, fields]: [string, string[] | null]): ResultEntry {
  const field = (name: string) => {
    const place = fields?.indexOf(name) ?? -1;
    return place === -1 ? undefined : fields?.[place + 1];
  };
  // Somebody else's entry has none.
  return { id, message: fields ? (field('message') ?? '') : undefined, request: field('request'), run: field('run') };
}

function placeOf(keyPrefix: string, group: string): readonly [key: string, group: string] {
  return [resultsStreamKey(keyPrefix), group];
}

/** Throws an error of Redis again, unless it begins with these words. */
function unless(words: string): (error: Error) => void {
  return (error) => {
    if (!error.message.startsWith(words)) throw error;
  };
}
