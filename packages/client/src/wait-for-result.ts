import type { TaskResult } from '@taskwire/protocol';
import { WaitTimeoutError } from './errors.ts';
import type { Listener } from './listener.ts';
import type { TaskState } from './stored-result.ts';

export interface WaitOptions {
  /** Longest wait for the result, in ms. Default: no limit. */
  timeoutMs?: number;
  /** Ends the wait with the signal's reason; the task goes on. */
  signal?: AbortSignal;
}

export interface ResultSources {
  listener: Listener;
  channel: string;
  /** Looks the task up in the store. */
  lookUp: () => Promise<TaskState>;
  /** Whether a result that names the task is the one that is waited for. */
  accepts: (result: TaskResult) => boolean;
  /** Called when the subscription stands: what it sets off cannot be missed. */
  begin: () => Promise<unknown>;
}

/** PUBLISH is at most once, so whoever waits also looks into the store: at first often, then so many ms apart. */
const FIRST_LOOK_MS = 500;
const MAX_LOOK_INTERVAL_MS = 5000;

/** Waits for the result of a task, wherever it shows first: on the channel or in the store. */
export async function waitForResult(taskId: string, options: WaitOptions, sources: ResultSources): Promise<TaskResult> {
  const { timeoutMs, signal } = options;
  const { listener, channel, lookUp, accepts, begin } = sources;
  signal?.throwIfAborted();
  const found = Promise.withResolvers<TaskResult>();
  const consider = (result: TaskResult) => accepts(result) && found.resolve(result);
  const stop = await listener.listen({ channels: [channel], taskId, hear: (result) => consider(result as TaskResult) });

  const abort = () => found.reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  const timer = timeoutMs && setTimeout(() => found.reject(new WaitTimeoutError(taskId, timeoutMs)), timeoutMs);
  let waiting = true;
  let looking: NodeJS.Timeout | undefined;
  const lookIn = (delayMs: number) => {
    looking = setTimeout(() => {
      lookUp().then((state) => {
        if ('result' in state) consider(state.result);
        if (!waiting) return;
        lookIn(Math.min(delayMs * 2, MAX_LOOK_INTERVAL_MS));
      }, found.reject);
    }, delayMs);
  };
  try {
    lookIn(FIRST_LOOK_MS);
    await Promise.race([begin(), found.promise]);
    return await found.promise;
  } finally {
    waiting = false;
    stop();
    clearTimeout(timer);
    clearTimeout(looking);
    signal?.removeEventListener('abort', abort);
  }
}
