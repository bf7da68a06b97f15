import type { Config } from '@taskwire/config';
import { missesKey, resultsStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { entryOf, type ResultEntry } from './results-group.ts';
import { loadScript, type Script } from './scripts/load-script.ts';

/** How long it is told that a group missed results, in seconds. */
const TOLD_FOR_S = 60 * 60;

export interface ResultsStreamOptions {
  redis: Redis;
  config: Pick<Config, 'redis' | 'results'>;
}

/** The stream of all results, which programs read with groups of their own. The `Announcer` adds to it. */
export class ResultsStream {
  readonly #options: ResultsStreamOptions;
  readonly #trim: Script<string[]>;

  constructor(options: ResultsStreamOptions) {
    this.#options = options;
    this.#trim = loadScript(options.redis, 'trim-results');
  }

  /** Deletes what every group has acknowledged; see `trim-results.lua`. @returns the groups that miss results. */
  trim(): Promise<string[]> {
    const { redis, results } = this.#options.config;
    const keys = [resultsStreamKey(redis.key_prefix), missesKey(redis.key_prefix)];
    return this.#trim(2, ...keys, results.stream_max_length, results.stream_max_bytes, TOLD_FOR_S);
  }

  /** The next entries behind one, without a group: at most so many. */
  async after(id: string, count: number): Promise<ResultEntry[]> {
    const entries = await this.#options.redis.xrange(this.#key, `(${id}`, '+', 'COUNT', count);
    return entries.map(entryOf);
  }

  /** The ids of the first and the last entry; `0-0` when there is none. */
  async ends(): Promise<{ first: string; last: string }> {
    const { redis } = this.#options;
    const found = await Promise.all([
      redis.xrange(this.#key, '-', '+', 'COUNT', 1),
      redis.xrevrange(this.#key, '+', '-', 'COUNT', 1),
    ]);
    const [first = '0-0', last = '0-0'] = found.map((entries) => entries[0]?.[0]);
    return { first, last };
  }

  get #key(): string {
    return resultsStreamKey(this.#options.config.redis.key_prefix);
  }
}
