import type { TaskResult } from '@taskwire/protocol';
import { WaitTimeoutError } from './errors.ts';
import type { TaskSources, TaskState } from './task-state.ts';

export interface WaitOptions {
  /** Longest wait for the result, in ms. Default: no limit. */
  timeoutMs?: number;
  /** Ends the wait with the signal's reason; the task goes on. */
  signal?: AbortSignal;
}

type StoredState = Extract<TaskState, { result: TaskResult }>;

export interface ResultSources extends Pick<TaskSources, 'listener' | 'lookUp'> {
  channel: string;
  /** Whether a result from the channel that names the task is the awaited one. */
  accepts: (result: TaskResult) => boolean;
  /** The same for what the store holds, which may be the answer to an earlier message with this id. */
  acceptsStored: (state: StoredState) => boolean;
  /** Called when the subscription is confirmed: no answer to what it sends can be missed. */
  begin: () => Promise<unknown>;
}

/** PUBLISH is at most once, so the wait also reads the store: often at first, then so many ms apart. */
const FIRST_LOOK_MS = 500;
const MAX_LOOK_INTERVAL_MS = 5000;

/** A longer time overflows Node's timers, which then fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Waits for the result of a task, from the channel or the store, whichever has it first. */
export async function waitForResult(taskId: string, options: WaitOptions, sources: ResultSources): Promise<TaskResult> {
  const { timeoutMs, signal } = options;
  const { listener, channel, lookUp, accepts, acceptsStored, begin } = sources;
  signal?.throwIfAborted();
  const found = Promise.withResolvers<TaskResult>();
  const hear = (message: unknown) => accepts(message as TaskResult) && found.resolve(message as TaskResult);
  const abort = () => found.reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  const timer =
    timeoutMs !== undefined &&
    setTimeout(() => found.reject(new WaitTimeoutError(taskId, timeoutMs)), Math.min(timeoutMs, MAX_TIMER_MS));
  let waiting = true;
  let looking: NodeJS.Timeout | undefined;
  const lookIn = (delayMs: number) => {
    looking = setTimeout(() => {
      lookUp(taskId).then((state) => {
        if ('result' in state && acceptsStored(state)) found.resolve(state.result);
        if (waiting) lookIn(Math.min(delayMs * 2, MAX_LOOK_INTERVAL_MS));
      }, found.reject);
    }, delayMs);
  };
  const listening = listener.listen({ channels: [channel], taskId, hear });
  try {
    await Promise.race([listening, found.promise]);
    lookIn(FIRST_LOOK_MS);
    await Promise.race([begin(), found.promise]);
    return await found.promise;
  } finally {
    waiting = false;
    clearTimeout(timer || undefined);
    clearTimeout(looking);
    signal?.removeEventListener('abort', abort);
    listening.then(
      (stop) => stop(),
      () => undefined,
    );
  }
}
