import type { CompletedResult, ErrorResult } from '@taskwire/protocol';
import type { Named } from './final-result.ts';

/**
 * How a task goes on after an attempt, whoever carries that out.
 *
 * - `completed`, `failed`: it ends with this result; `message` is the result as JSON.
 * - `retry`: the attempt failed, and another one is made after `delayMs`.
 * - `returned`: the task goes back to its queue as if the attempt had not been.
 */
export type Decision =
  | ({ status: 'completed'; result: CompletedResult & Named } & Ended)
  | ({ status: 'failed'; result: ErrorResult & Named } & Ended)
  | { status: 'retry'; error: string; delayMs: number }
  | { status: 'returned' };

interface Ended {
  message: string;
  /** Whether an earlier run stored and published it already, and did not live to finish its job. */
  isTold: boolean;
}
