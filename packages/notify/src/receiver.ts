import type { TaskEnd } from './task-end.ts';

/**
 * The outcome of telling a receiver once.
 *
 * - `told`: it has it.
 * - `failed`: to be tried again, after `retryAfterMs` if the receiver asked for that.
 * - `refused`: it will not take it, now or later.
 *
 * `why` is a sentence without its end, for the log; it holds none of our secrets.
 */
export type Outcome =
  | { status: 'told' }
  | { status: 'failed'; why: string; retryAfterMs?: number }
  | { status: 'refused'; why: string };

/** Is told of tasks that ended. */
export interface Receiver {
  readonly kind: 'command' | 'webhook';
  /** For the log: which it is, without anything that could be a secret. */
  readonly shown: string;
  /**
   * Tells it once, within its own time limit. Never rejects.
   *
   * @param signal aborted when there is no more time: this cuts off the attempt.
   */
  tell(end: TaskEnd, signal: AbortSignal): Promise<Outcome>;
}
