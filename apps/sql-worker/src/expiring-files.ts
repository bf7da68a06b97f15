import type { Logger } from '@taskwire/service';
import { removeExpiredFiles, removeLeftSpills } from '@taskwire/sql';

export interface ExpiringFilesOptions {
  directory: string;
  ttlMs: number;
  logger: Logger;
}

const LONGEST_INTERVAL_MS = 10 * 60 * 1000;

/** Removes files, now and until that is ended: those of expired results, and those of killed workers. @returns what ends it */
export function startExpiring({ directory, ttlMs, logger }: ExpiringFilesOptions): () => void {
  const remove = async () => {
    try {
      const removed = await removeExpiredFiles({ directory, ttlMs });
      if (removed > 0) logger.info({ files: removed }, 'removed expired result files');
      const left = await removeLeftSpills();
      if (left > 0) logger.info({ folders: left }, 'removed folders of killed workers');
    } catch (error) {
      logger.warn({ err: error }, 'expired result files could not be removed');
    }
  };
  const timer = setInterval(remove, Math.min(ttlMs, LONGEST_INTERVAL_MS)).unref();
  void remove();
  return () => clearInterval(timer);
}
