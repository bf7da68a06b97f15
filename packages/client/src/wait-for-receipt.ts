import { isDeepStrictEqual } from 'node:util';
import { type ErrorResult, isTaskResult, type TaskEvent, type TaskResult } from '@taskwire/protocol';
import { NoReceiptError } from './errors.ts';
import type { Sent } from './sender.ts';
import type { TaskSources } from './task-state.ts';

/**
 * The outcome of a request.
 *
 * - `accepted`: the task is durable: new, or already under way.
 * - `finished`: the task has its result, new or old.
 * - `refused`: the request did not become a task.
 */
export type Receipt =
  | { status: 'accepted' }
  | { status: 'finished'; result: TaskResult }
  | { status: 'refused'; result: ErrorResult };

export interface ReceiptSources extends TaskSources {
  /** Called when the subscription is confirmed: no answer to what it sends can be missed. */
  begin: () => Promise<Sent>;
}

/** Waits until a processor has accepted a request, or has said why not. */
export async function waitForReceipt(taskId: string, timeoutMs: number, sources: ReceiptSources): Promise<Receipt> {
  const { listener, channels, lookUp, begin } = sources;
  const begun = new Date().toISOString();
  const heard = Promise.withResolvers<'accepted' | TaskResult | 'nothing'>();
  const hear = (message: unknown, channel: string) => {
    if (channel === channels.results) {
      if (isTaskResult(message)) heard.resolve(message);
    } else if ((message as TaskEvent).event === 'accepted') heard.resolve('accepted');
  };
  const stop = await listener.listen({ channels: [channels.events, channels.results], taskId, hear });
  const timer = setTimeout(() => heard.resolve('nothing'), timeoutMs);
  try {
    await begin();
    const answer = await heard.promise;
    if (answer === 'accepted') return { status: 'accepted' };
    if (answer !== 'nothing' && answer.status === 'completed') return { status: 'finished', result: answer };
    const state = await lookUp(taskId);
    if (answer !== 'nothing') {
      // An error is the task's own if the store has the same; otherwise it is about the request.
      const isFinal = state.status === 'finished' && isDeepStrictEqual(state.result, answer);
      return isFinal ? { status: 'finished', result: answer } : { status: 'refused', result: answer };
    }
    // PUBLISH is at most once, so the receipt may be lost.
    if (state.status === 'pending') return { status: 'accepted' };
    if (state.status === 'finished') return { status: 'finished', result: state.result };
    if (state.status === 'rejected' && state.result.status === 'error' && state.result.timestamp >= begun) {
      return { status: 'refused', result: state.result };
    }
    throw new NoReceiptError(taskId, timeoutMs);
  } finally {
    clearTimeout(timer);
    stop();
  }
}
