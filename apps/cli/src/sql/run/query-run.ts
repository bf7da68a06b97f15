import type { TaskResult } from '@taskwire/protocol';
import type { Query } from '../ask/query.ts';

/**
 * The state of a query.
 *
 * - `waiting`: not its turn; there is no task yet.
 * - `submitted`: no processor has answered yet.
 * - `queued`: accepted, waits for a worker.
 * - `running`: a worker runs it.
 * - `ended`: it has its result; `lacking` if its rows could not be shown or written.
 * - `lost`: accepted, but Redis no longer knows it.
 */
export type RunState =
  | { status: 'waiting' }
  | { status: 'submitted' | 'queued' | 'running'; sinceMs: number; note?: string }
  | { status: 'ended'; result: TaskResult; lacking?: 'not written' | 'not shown' }
  | { status: 'lost' };

/** One query, and the task that runs it. */
export interface QueryRun {
  readonly query: Query;
  readonly taskId: string;
  state: RunState;
}

/** Submitted queries without a result. */
export function openRuns(runs: readonly QueryRun[]): QueryRun[] {
  return runs.filter(({ state }) => 'sinceMs' in state);
}

/** Whether a query completed and its rows were shown or written. */
export function isWell({ state }: QueryRun): boolean {
  return state.status === 'ended' && state.result.status === 'completed' && state.lacking === undefined;
}
