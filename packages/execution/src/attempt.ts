import type { ErrorCode, ErrorDetail, JsonObject } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';

/** One attempt: its task, its number, its start (ms since 1970). */
export interface Attempt {
  task: AcceptedTask;
  number: number;
  startedAt: number;
}

/** Why an attempt failed, in the words of the wire. */
export interface Failure {
  code: ErrorCode;
  error: string;
  details?: ErrorDetail[];
  /** What was thrown, for the log. */
  cause?: unknown;
  /** Set when the handler ignored its signal and may still run. */
  handlerLeftAlone?: boolean;
  /** Whether another attempt may help. */
  retryable: boolean;
}

/**
 * How an attempt at a task ended. `returned`: the worker stops, and the task goes back to the queue without counting
 * the attempt.
 */
export type AttemptOutcome =
  | { status: 'completed'; result: JsonObject }
  | { status: 'failed'; failure: Failure }
  | { status: 'returned' };

export function failed(failure: Failure): Extract<AttemptOutcome, { status: 'failed' }> {
  return { status: 'failed', failure };
}
