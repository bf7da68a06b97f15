import type { Config } from '@taskwire/config';
import { historianKey, missesKey, resultsStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { entryOf, type ResultEntry } from './results-group.ts';
import { loadScript, type Script } from './scripts/load-script.ts';

/** How long it is told that a group missed results, in seconds. */
const TOLD_FOR_S = 60 * 60;

/** The group that writes the history. */
export const HISTORY_GROUP = 'history';

/** How long the history may be without a writer before the stream no longer keeps everything for it. */
const LEFT_AFTER_MS = 60 * 60 * 1000;

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
  trim(leftAfterMs = LEFT_AFTER_MS): Promise<string[]> {
    const { redis, results } = this.#options.config;
    const keys = [resultsStreamKey, missesKey, historianKey].map((key) => key(redis.key_prefix));
    const most = [results.stream_max_length, results.stream_max_bytes];
    return this.#trim(3, ...keys, ...most, TOLD_FOR_S, HISTORY_GROUP, leftAfterMs);
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
