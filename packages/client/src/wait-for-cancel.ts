import type { ErrorResult, TaskEvent, TaskResult } from '@taskwire/protocol';
import { NoAnswerError } from './errors.ts';
import type { TaskState } from './task-state.ts';
import type { ReceiptSources } from './wait-for-receipt.ts';

/**
 * The outcome of a cancel.
 *
 * - `cancelled`: it has ended in the error `cancelled`, now or before.
 * - `finished`: it had ended in another way, and keeps its result.
 * - `requested`: its worker is told to stop it, and it has not ended in the time given. It will.
 * - `unknown`: there is no such task, or it is no longer known.
 */
export type CancelOutcome =
  | { status: 'cancelled'; result: ErrorResult }
  | { status: 'finished'; result: TaskResult }
  | { status: 'requested' }
  | { status: 'unknown' };

export interface CancelOptions {
  /** Longest wait for a running task to end, in ms; 0 to wait only for the answer. Default: 10 s. */
  timeoutMs?: number;
}

export interface CancelSources extends ReceiptSources {
  /** Whether the task is cancelled and has no result yet. */
  isRequested: () => Promise<boolean>;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** A processor answers within milliseconds, or within seconds if it is being replaced or Redis was away. */
const ANSWER_TIMEOUT_MS = 5000;

/** Waits until a cancelled task has ended, or the cancel is refused. @throws NoAnswerError */
export async function waitForCancel(
  taskId: string,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: CancelOptions,
  { listener, channels, lookUp, isRequested, begin }: CancelSources,
): Promise<CancelOutcome> {
  const answerTimeoutMs = Math.max(timeoutMs, ANSWER_TIMEOUT_MS);
  const decided = Promise.withResolvers<CancelOutcome | 'nothing'>();
  // It may reject before it is awaited.
  decided.promise.catch(() => undefined);
  let requested = false;
  let outOfTime = false;
  // Only the store knows whether a result is the task's own, or the answer to another message that names it.
  const look = () =>
    lookUp(taskId)
      .then(outcomeOf)
      .then((outcome) => outcome && decided.resolve(outcome), decided.reject);
  const settle = async () => {
    if (!requested || !outOfTime) return;
    await look();
    decided.resolve({ status: 'requested' });
  };
  const hear = (message: unknown, channel: string) => {
    if (channel === channels.results) return void look();
    const event = message as TaskEvent;
    if (event.event === 'cancel_refused') {
      if (event.reason === 'unknown') decided.resolve({ status: 'unknown' });
      else void look();
    } else if (event.event === 'cancel_requested') {
      requested = true;
      void settle();
    }
  };
  const stop = await listener.listen({ channels: [channels.events, channels.results], taskId, hear });
  const timers = [
    setTimeout(() => {
      outOfTime = true;
      void settle();
    }, timeoutMs),
    setTimeout(() => decided.resolve('nothing'), answerTimeoutMs),
  ];
  try {
    const sent = await begin();
    const outcome = await decided.promise;
    if (outcome !== 'nothing') return outcome;
    // PUBLISH is at most once, so the answer may be lost.
    const isWaiting = await sent.isWaiting();
    const known = outcomeOf(await lookUp(taskId));
    if (known && !(isWaiting && known.status === 'unknown')) return known;
    if (requested || (await isRequested())) return { status: 'requested' };
    throw new NoAnswerError(taskId, answerTimeoutMs, isWaiting);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    stop();
  }
}

/** Undefined while the task has no result. */
function outcomeOf(state: TaskState): CancelOutcome | undefined {
  if (state.status === 'pending') return undefined;
  if (state.status !== 'finished') return { status: 'unknown' };
  const { result } = state;
  const cancelled = result.status === 'error' && result.error_code === 'cancelled';
  return cancelled ? { status: 'cancelled', result } : { status: 'finished', result };
}
