import type { InstallationStatus } from '@taskwire/monitoring';
import type { Logger } from '@taskwire/service';
import { inTime } from '../api/in-time.ts';
import { NoAnswerError } from './trouble.ts';

/** The status as JSON, or one sentence on why there is none. */
export type Picture = { kind: 'status' | 'trouble'; text: string };

export interface LiveStatusOptions {
  read: () => Promise<InstallationStatus>;
  /** One sentence for a person. */
  explain: (error: unknown) => string;
  logger: Logger;
}

type Watcher = (picture: Picture) => void;

const PAUSE_MS = 2000;

/** Otherwise, while a connection waits for Redis, everybody would look at an old picture. */
const READ_TIMEOUT_MS = 3000;

/** Reads the status, one reading at a time, while somebody watches; all watchers share it. */
export class LiveStatus {
  readonly #options: LiveStatusOptions;
  readonly #watchers = new Set<Watcher>();
  #reading: Promise<InstallationStatus> | undefined;
  #isRunning = false;
  #latest: Picture | undefined;
  #troubleLogged: string | undefined;

  constructor(options: LiveStatusOptions) {
    this.#options = options;
  }

  /** The current status. There is one reading at a time, even if it takes for ever. */
  async now(): Promise<Picture> {
    try {
      const status = await inTime(this.#read(), READ_TIMEOUT_MS);
      if (!status) throw new NoAnswerError(READ_TIMEOUT_MS);
      const text = JSON.stringify(status);
      this.#troubleLogged = undefined;
      return { kind: 'status', text };
    } catch (error) {
      const text = this.#options.explain(error);
      if (text !== this.#troubleLogged) this.#options.logger.warn({ err: error }, text);
      this.#troubleLogged = text;
      return { kind: 'trouble', text };
    }
  }

  /** Shows every picture from now on, beginning with the current one. Call what it returns to stop. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    if (this.#latest) watcher(this.#latest);
    if (!this.#isRunning) void this.#run();
    return () => this.#watchers.delete(watcher);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#watchers.size > 0) {
      const picture = await this.now();
      this.#latest = picture;
      for (const watcher of this.#watchers) watcher(picture);
      // In full, even if nobody watches any more: reloading a page again and again must not cause more readings.
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS).unref());
    }
    this.#latest = undefined;
    this.#isRunning = false;
  }

  #read(): Promise<InstallationStatus> {
    this.#reading ??= this.#options.read().finally(() => (this.#reading = undefined));
    return this.#reading;
  }
}
