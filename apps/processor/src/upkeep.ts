import { catalogueKey } from '@taskwire/protocol';
import { everySecond } from '@taskwire/redis';
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

/**
 * What the leading processor does once a second: trims the results stream, and keeps the catalogue in its place.
 *
 * @returns what ends it
 */
export function startUpkeep(options: UpkeepOptions): () => void {
  const { redis, keyPrefix, results, catalogue, leading, logger } = options;
  let isUnderWay = false;
  let isPublished = false;
  return everySecond(async () => {
    // Redis may be away, or slow.
    if (isUnderWay || !leading()) return;
    isUnderWay = true;
    try {
      // Another processor may have had other task types; later only if Redis has lost it.
      const [groups, there] = await Promise.all([results.trim(), isPublished && redis.exists(catalogueKey(keyPrefix))]);
      if (!there) await redis.set(catalogueKey(keyPrefix), catalogue);
      isPublished = true;
      const why = 'they read too slowly, or not at all (results.stream_max_bytes)';
      if (groups.length > 0) logger.warn({ groups, why }, 'groups of the results stream miss results that are gone');
    } catch (error) {
      logger.debug({ reason: (error as Error).message }, 'the results stream could not be trimmed; trying again later');
    } finally {
      isUnderWay = false;
    }
  });
}
