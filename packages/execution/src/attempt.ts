import type { ErrorCode, ErrorDetail, JsonObject } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';

/** One attempt: its task, its number among those that counted, its start (ms since 1970). */
export interface Attempt {
  task: AcceptedTask;
  number: number;
  /** Runs before it that ended with their worker. They count in the result, not among the attempts that are allowed. */
  lost: number;
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
 * How an attempt at a task ended. `returned`: the worker stops, or the task would wait here for long; it goes back to the
 * queue without counting the attempt. `json`: the result as it came from a task process; nobody parses it.
 */
export type AttemptOutcome =
  | { status: 'completed'; result: JsonObject }
  | { status: 'completed'; json: string }
  | { status: 'failed'; failure: Failure }
  | { status: 'returned'; delayMs?: number };

export function failed(failure: Failure): Extract<AttemptOutcome, { status: 'failed' }> {
  return { status: 'failed', failure };
}
