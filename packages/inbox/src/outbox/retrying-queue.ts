import type { Logger } from '@taskwire/service';

export interface RetryingQueueOptions {
  /** Handles one id; if it throws, the id is tried again. */
  work: (id: string, signal: AbortSignal) => Promise<void>;
  /** How many at a time. */
  concurrency: number;
  logger: Logger;
  /** Logged once when it fails, and once when it works again. */
  messages: { failing: string; working: string };
}

/** How long after a failure the next try comes. */
const RETRY_MS = 2000;

/** When the queue is closed, running work gets no longer than this. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * Ids that wait for their turn: few are worked on at a time, and only ids are held in memory. While work fails, one of the
 * failed ids is tried every 2 s; when that works, all are.
 */
export class RetryingQueue implements AsyncDisposable {
  readonly #options: RetryingQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #underWay = new Map<string, Promise<void>>();
  /** Those whose last try failed, the longest untried first; some may be waiting or running again. */
  readonly #failed = new Set<string>();
  readonly #closing = new AbortController();
  #probe: string | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: RetryingQueueOptions) {
    this.#options = options;
  }

  /** Whether it waits, is worked on or has failed. */
  has(id: string): boolean {
    return this.#waiting.has(id) || this.#underWay.has(id) || this.#failed.has(id);
  }

  /** One that is worked on runs once more; one that has failed is tried when its time comes. */
  add(id: string): void {
    if (this.#failed.has(id) && !this.#underWay.has(id)) return;
    this.#waiting.add(id);
    this.#advance();
  }

  /** Drops what waits, aborts what runs and waits for it, 2 s at most. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#retry);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timeout = setTimeout(resolve, CLOSE_TIMEOUT_MS);
    await Promise.race([Promise.all(this.#underWay.values()), late]);
    clearTimeout(timeout);
  }

  #advance(): void {
    for (const id of this.#waiting) {
      if (this.#closing.signal.aborted || this.#underWay.size >= this.#options.concurrency) return;
      if (this.#underWay.has(id)) continue;
      this.#waiting.delete(id);
      this.#underWay.set(id, this.#work(id));
    }
  }

  async #work(id: string): Promise<void> {
    const { signal } = this.#closing;
    try {
      await this.#options.work(id, signal);
      this.#succeeded(id);
    } catch (error) {
      if (!signal.aborted) this.#failedWith(id, error);
    } finally {
      this.#underWay.delete(id);
      this.#advance();
    }
  }

  #succeeded(id: string): void {
    if (this.#failed.delete(id) && this.#failed.size === 0) {
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.#options.logger.info(this.#options.messages.working);
    }
    if (this.#probe !== id) return;
    this.#probe = undefined;
    for (const failed of this.#failed) this.#waiting.add(failed);
  }

  #failedWith(id: string, error: unknown): void {
    const { logger, messages } = this.#options;
    if (this.#failed.size === 0) logger.error({ err: error, task_id: id }, messages.failing);
    if (this.#probe === id) this.#probe = undefined;
    this.#failed.delete(id);
    this.#failed.add(id);
    this.#retry ??= setTimeout(() => this.#tryAgain(), RETRY_MS).unref();
  }

  #tryAgain(): void {
    this.#retry = setTimeout(() => this.#tryAgain(), RETRY_MS).unref();
    this.#probe = [...this.#failed].find((id) => !this.#waiting.has(id) && !this.#underWay.has(id));
    if (this.#probe === undefined) return;
    this.#waiting.add(this.#probe);
    this.#advance();
  }
}
