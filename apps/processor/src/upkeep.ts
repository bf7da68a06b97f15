import { catalogueKey } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { ResultsStream } from '@taskwire/store';
import type { Redis } from 'ioredis';

export interface UpkeepOptions {
  redis: Redis;
  keyPrefix: string;
  results: ResultsStream;
  /** The task types of this processor, as JSON. */
  catalogue: string;
  leading: () => boolean;
  logger: Logger;
}

const INTERVAL_MS = 1000;

/** What the leading processor does once a second: trims the results stream, and keeps the catalogue in its place. */
export class Upkeep implements Disposable {
  readonly #options: UpkeepOptions;
  #timer: NodeJS.Timeout | undefined;
  #underWay = false;
  #published = false;

  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#look(), INTERVAL_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { redis, keyPrefix, results, catalogue, leading, logger } = this.#options;
    // Redis may be away, or slow.
    if (this.#underWay || !leading()) return;
    this.#underWay = true;
    try {
      // Another processor may have had other task types; later only if Redis has lost it.
      const isThere = this.#published && (await redis.exists(catalogueKey(keyPrefix))) === 1;
      if (!isThere) await redis.set(catalogueKey(keyPrefix), catalogue);
      this.#published = true;
      const groups = await results.trim();
      const why = 'they read too slowly, or not at all (results.stream_max_bytes)';
      if (groups.length > 0) logger.warn({ groups, why }, 'groups of the results stream miss results that are gone');
    } catch (error) {
      logger.debug({ reason: (error as Error).message }, 'the results stream could not be trimmed; trying again later');
    } finally {
      this.#underWay = false;
    }
  }
}
