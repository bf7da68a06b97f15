import type { TaskResult } from '@taskwire/protocol';
import type { Query } from '../ask/query.ts';

/**
 * How far a query has come.
 *
 * - `waiting`: its turn has not come; there is no task yet.
 * - `submitted`: no processor has answered yet whether it takes it.
 * - `queued`: it was accepted, and waits for a worker.
 * - `running`: a worker runs it.
 * - `ended`: it has its result.
 */
export type RunState =
  | { status: 'waiting' }
  | { status: 'submitted' | 'queued' | 'running'; sinceMs: number; note?: string }
  | { status: 'ended'; result: TaskResult };

/** One query, and the task that runs it. */
export interface QueryRun {
  readonly query: Query;
  readonly taskId: string;
  state: RunState;
}

/** Those that were submitted and have no result. */
export function openRuns(runs: readonly QueryRun[]): QueryRun[] {
  return runs.filter(({ state }) => 'sinceMs' in state);
}

export type Outcome = 'completed' | 'failed' | 'cancelled';

export function outcomeOf(result: TaskResult): Outcome {
  if (result.status === 'completed') return 'completed';
  return result.error_code === 'cancelled' ? 'cancelled' : 'failed';
}
