import type { Logger } from '@taskwire/service';

export interface FaultLogOptions {
  logger: Logger;
  /** Logged when it begins. */
  broken: string;
  /** Logged when it is over. */
  mended: string;
}

/** Logs something that fails for a while, such as writing files: once, and once when it is over. */
export class FaultLog {
  readonly #options: FaultLogOptions;
  readonly #about = new Set<string>();

  constructor(options: FaultLogOptions) {
    this.#options = options;
  }

  /** @param about the file that it concerns. */
  happened(about: string, error: unknown): void {
    const { logger, broken } = this.#options;
    if (this.#about.size === 0) logger.error({ err: error, file: about }, broken);
    this.#about.add(about);
  }

  /** It works again for this file, or the file is gone. */
  over(about: string): void {
    const { logger, mended } = this.#options;
    if (this.#about.delete(about) && this.#about.size === 0) logger.info(mended);
  }
}
