import type { ErrorCode, ErrorDetail, JsonObject } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';

/** One attempt: of which task, which, and since when (ms since 1970). */
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
  /** Set when the handler did not stop when it was told to, and may still be at work. */
  handlerLeftAlone?: boolean;
  /** Whether another attempt may help. */
  retryable: boolean;
}

/**
 * How an attempt at a task ended. `returned`: the worker stops, the task goes back to the queue as if the attempt had
 * not been.
 */
export type AttemptOutcome =
  | { status: 'completed'; result: JsonObject }
  | { status: 'failed'; failure: Failure }
  | { status: 'returned' };
