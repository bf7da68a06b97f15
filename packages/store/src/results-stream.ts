import type { Config } from '@taskwire/config';
import { missesKey, resultsStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
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
}
