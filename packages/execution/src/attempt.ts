import type { AcceptedTask } from '@taskwire/store';
import type { HandlerOutcome } from '@taskwire/tasks/running';

/** One attempt: its task, its number among those that counted, its start (ms since 1970). */
export interface Attempt {
  task: AcceptedTask;
  number: number;
  /** Runs before it that ended with their worker. They count in the result, not among the attempts that are allowed. */
  lost: number;
  startedAt: number;
}

/**
 * How an attempt at a task ended. `returned`: the worker stops, or the task would wait here for long; it goes back to the
 * queue without counting the attempt. `json`: the result as it came from a task process; nobody parses it.
 */
export type AttemptOutcome =
  | HandlerOutcome
  | { status: 'completed'; json: string }
  | { status: 'returned'; delayMs: number };
