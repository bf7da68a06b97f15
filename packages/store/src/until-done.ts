import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.ts';

const RETRY_DELAY_MS = 500;

export interface UntilDoneOptions {
  /** Logged when an attempt fails. */
  what: string;
  logger: Log;
  /** Aborted when there is no more time: then a failure is final. */
  signal: AbortSignal;
}

/** Repeats something until Redis takes it: a submission must not be lost because Redis is away, or full. */
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
