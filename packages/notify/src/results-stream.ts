import { resultsStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

/** A place in the results stream. */
export interface Position {
  /** The id of the last entry before it; `0-0` before the first. */
  id: string;
  /** How many entries there had ever been up to it. */
  index: number;
}

export interface ResultEntry {
  /** The place behind it. */
  position: Position;
  /** The result, as published. */
  message: string;
}

export interface ResultsStreamOptions {
  /** A connection of its own, closed with it: reading blocks it. */
  redis: Redis;
  keyPrefix: string;
}

/** So few that a portion of large results fits into memory. */
const PORTION = 8;

/** Reads the stream of all results. Waits while Redis is away. */
export class ResultsStream implements Disposable {
  readonly #redis: Redis;
  readonly #key: string;

  constructor({ redis, keyPrefix }: ResultsStreamOptions) {
    this.#redis = redis;
    this.#key = resultsStreamKey(keyPrefix);
  }

  /** The place behind all that is there. */
  async end(): Promise<Position> {
    const { 'last-generated-id': id = '0-0', 'entries-added': added = 0 } = await this.#info();
    return { id: String(id), index: Number(added) };
  }

  /** The next entries, at most 8; none when none came in time. */
  async read({ id, index }: Position, blockMs: number): Promise<ResultEntry[]> {
    const found = await this.#redis.xread('COUNT', PORTION, 'BLOCK', blockMs, 'STREAMS', this.#key, id);
    const entries = found?.[0]?.[1] ?? [];
    return entries.map(([entryId, fields], place) => ({
      position: { id: entryId, index: index + place + 1 },
      message: fields[1] ?? '',
    }));
  }

  /** How many entries behind a place, at least, the cap of the stream removed before they were read. */
  async missing({ index }: Position): Promise<number> {
    // A Redis before version 7 does not count what was added.
    const { 'entries-added': added = 0, length = 0 } = await this.#info();
    return Math.max(0, Number(added) - Number(length) - index);
  }

  /** Interrupts a read. */
  [Symbol.dispose](): void {
    this.#redis.disconnect();
  }

  async #info(): Promise<Record<string, unknown>> {
    // Without a stream XINFO would be an error.
    if ((await this.#redis.exists(this.#key)) === 0) return {};
    const pairs = (await this.#redis.xinfo('STREAM', this.#key)) as unknown[];
    return Object.fromEntries(pairs.flatMap((name, place) => (place % 2 === 0 ? [[name, pairs[place + 1]]] : [])));
  }
}
