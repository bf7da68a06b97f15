import type { CompletedResult, ErrorResult } from '@taskwire/protocol';
import type { AttemptNotes } from './attempt-notes.ts';
import type { Named } from './final-result.ts';

/**
 * How a task goes on after an attempt.
 *
 * - `completed`, `failed`: it ends with this result; `message` is the result as JSON. What a task process returned is in
 *   `message` alone.
 * - `retry`: the attempt failed, and another one is made after `delayMs`.
 * - `returned`: the task goes back to its queue, at once or after `delayMs`, without counting the attempt.
 */
export type Decision = (
  | ({ status: 'completed'; result: CompletedResult & Named } & Ended)
  | ({ status: 'failed'; result: ErrorResult & Named } & Ended)
  | { status: 'retry'; error: string; delayMs: number }
  | { status: 'returned'; delayMs?: number }
) & {
  /** Of the attempt, if one was made. */
  notes?: AttemptNotes;
};

interface Ended {
  message: string;
  /** Whether an earlier run already stored and published it, and died before it finished its job. */
  isTold: boolean;
}
