import type { Rejection } from '@taskwire/protocol';
import type { Validated } from './validate.ts';

/** What an intake brings: a request, or the cancelling of a task. */
export type Submission = Content & {
  /** What kind of intake it came by, for the metrics: `channel`, `inbox`. */
  origin: string;
  /** The processor that answers: this one; another one that has a copy of its own; or '' while that is not known. */
  answerer: string;
  /**
   * Told once what has become of it; not at all when the processor stops before, or another one answers. Without it nobody
   * waits: a message for which there is no room is answered with `overloaded`.
   */
  settle?: (settled: Settled) => void;
};

export type Content =
  /** A message that asks for a task. */
  | { kind: 'message'; bytes: Uint8Array }
  /** A request that its intake has decoded itself, of so many bytes. */
  | { kind: 'request'; validated: Validated; size: number }
  /** A message that cancels a task: after the requests that came before it. */
  | { kind: 'cancel'; bytes: Uint8Array };

/**
 * What has become of a submission.
 *
 * - `durable`: its task is in its queue, or has ended before. A cancel: what it asks for is; `unknown` if there is no such task.
 * - `refused`: it does not become a task, and its error result is published.
 * - `no_room`: too much is waiting; it was not looked at.
 */
export type Settled =
  | { status: 'durable'; taskId: string; task: 'new' | 'under_way' | 'ended' | 'unknown' }
  | { status: 'refused'; rejection: Rejection }
  | { status: 'no_room' };

/** In bytes. */
export function sizeOf(submission: Submission): number {
  return submission.kind === 'request' ? submission.size : submission.bytes.length;
}
