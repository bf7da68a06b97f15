import type { Logger } from '@taskwire/service';
import { removeExpiredFiles, removeLeftSpills } from '@taskwire/sql';

export interface ExpiringFilesOptions {
  directory: string;
  ttlMs: number;
  logger: Logger;
}

const LONGEST_INTERVAL_MS = 10 * 60 * 1000;

/** Removes files at the start and now and then: those of expired results, and those of killed workers. */
export class ExpiringFiles implements Disposable {
  readonly #options: ExpiringFilesOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ExpiringFilesOptions) {
    this.#options = options;
  }

  start(): void {
    const { ttlMs } = this.#options;
    this.#timer ??= setInterval(() => void this.#remove(), Math.min(ttlMs, LONGEST_INTERVAL_MS)).unref();
    void this.#remove();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #remove(): Promise<void> {
    const { directory, ttlMs, logger } = this.#options;
    try {
      const removed = await removeExpiredFiles({ directory, ttlMs });
      if (removed > 0) logger.info({ files: removed }, 'removed expired result files');
      const left = await removeLeftSpills();
      if (left > 0) logger.info({ folders: left }, 'removed folders of killed workers');
    } catch (error) {
      logger.warn({ err: error }, 'expired result files could not be removed');
    }
  }
}
