import type { TaskStore } from '@taskwire/store';
import type { TaskNews } from './task-news.ts';

/** The longest wait for a result, in seconds; proxies cut off longer ones. */
export const MAX_WAIT_S = 60;

export interface WaitForResultOptions {
  store: Pick<TaskStore, 'result'>;
  news: TaskNews;
  /** Aborted when the server stops: then nobody waits any more. */
  stopping: AbortSignal;
}

/**
 * The stored result of a task, as published; null when there is none after so long.
 *
 * @param gone aborted when nobody waits for it any more.
 */
export type WaitForResult = (taskId: string, waitS: number, gone: AbortSignal) => Promise<string | null>;

export function createWaitForResult({ store, news, stopping }: WaitForResultOptions): WaitForResult {
  return async (taskId, waitS, gone) => {
    const stored = await store.result(taskId);
    if (stored !== null || waitS === 0) return stored;
    let woken = Promise.withResolvers<void>();
    const wake = () => woken.resolve();
    const stop = await news.listen({ taskId, hear: wake, missed: wake });
    // A timer may fire a moment before its time by any clock, and nothing would wake this again.
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      wake();
    }, waitS * 1000);
    for (const signal of [gone, stopping]) signal.addEventListener('abort', wake);
    try {
      for (;;) {
        woken = Promise.withResolvers<void>();
        const result = await store.result(taskId);
        if (result !== null || isOver || gone.aborted || stopping.aborted) return result;
        await woken.promise;
      }
    } finally {
      stop();
      clearTimeout(timer);
      for (const signal of [gone, stopping]) signal.removeEventListener('abort', wake);
    }
  };
}
