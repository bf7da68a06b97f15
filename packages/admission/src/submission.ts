import type { Rejection } from '@taskwire/protocol';
import { type Validated, type ValidateOptions, validate } from './validate.ts';

/** What an intake brings: a request, or the cancel of a task. */
export type Submission = Content & {
  /** The kind of its intake, for the metrics: `channel`, `inbox`. */
  origin: string;
  /** Names this submission: the same when it is taken again, by whomever. Then it is not asking again. Default: a new one. */
  id?: string | undefined;
  /** The processor that answers: this one, another one that has its own copy, or '' while that is not known. */
  answerer: string;
  /**
   * Gets the outcome, once; not at all if the processor stops before, or another one answers. Without it nobody waits,
   * and a message for which there is no room is answered with `overloaded`.
   */
  settle?: (settled: Settled) => void;
};

export type Content =
  /** A message that asks for a task, and the id of that task if the message names none. */
  | { kind: 'message'; bytes: Uint8Array; taskId?: string }
  /**
   * A request that its intake has decoded itself, of so many bytes. `quiet`: a conflict is not published, since it would be an answer
   * to whoever waits for the task of that id.
   */
  | { kind: 'request'; validated: Validated; size: number; quiet?: boolean }
  /** A message that cancels a task: after the requests that came before it. */
  | { kind: 'cancel'; bytes: Uint8Array };

/**
 * The outcome of a submission.
 *
 * - `durable`: its task is in its queue, or had ended before. For a cancel: the cancel is; `unknown` if there is no such task.
 * - `refused`: it does not become a task, and its error result is published.
 * - `no_room`: too much is waiting; it was not read.
 */
export type Settled =
  | { status: 'durable'; taskId: string; task: 'new' | 'under_way' | 'ended' | 'unknown' }
  | { status: 'refused'; rejection: Rejection }
  | { status: 'no_room' };

/** What a request or a message asks for. */
export function validatedFrom(submission: Exclude<Submission, { kind: 'cancel' }>, limits: ValidateOptions): Validated {
  if (submission.kind === 'request') return submission.validated;
  return validate(submission.bytes, { ...limits, taskId: submission.taskId });
}

/** In bytes. */
export function sizeOf(submission: Submission): number {
  return submission.kind === 'request' ? submission.size : submission.bytes.length;
}
