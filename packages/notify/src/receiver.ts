import type { Notification } from './notification.ts';

/**
 * What came of telling a receiver once.
 *
 * - `told`: it has it.
 * - `failed`: to be tried again, after `retryAfterMs` if the receiver asked for that.
 * - `refused`: it will not take it, now or later.
 *
 * `why` is a sentence without its end, for the log; it holds no secret of ours.
 */
export type Outcome =
  | { status: 'told' }
  | { status: 'failed'; why: string; retryAfterMs?: number }
  | { status: 'refused'; why: string };

/** Whoever is told of tasks that ended. */
export interface Receiver {
  readonly kind: 'command' | 'webhook';
  /** For the log: which it is, without anything that could be a secret. */
  readonly shown: string;
  /**
   * Tells it once, within its own time limit. Never rejects.
   *
   * @param signal aborted when there is no more time: what is under way then is cut off.
   */
  tell(notification: Notification, signal: AbortSignal): Promise<Outcome>;
}
