import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.ts';

const RETRY_DELAY_MS = 500;

export interface UntilDoneOptions {
  /** What is logged when it did not work. */
  what: string;
  logger: Log;
  /** Aborted when there is no more time: what failed then is given up. */
  signal: AbortSignal;
}

/** Does something again until Redis takes it: what was taken in must not be lost because Redis is away, or full. */
export async function untilDone<T>(action: () => Promise<T>, { what, logger, signal }: UntilDoneOptions): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (signal.aborted) throw error;
      logger.warn({ err: error }, what);
      await delay(RETRY_DELAY_MS, undefined, { signal });
    }
  }
}
