import type { TaskResult } from '@taskwire/protocol';
import type { Query } from '../ask/query.ts';

/**
 * How far a query has come.
 *
 * - `waiting`: its turn has not come; there is no task yet.
 * - `submitted`: no processor has answered yet whether it takes it.
 * - `queued`: it was accepted, and waits for a worker.
 * - `running`: a worker runs it.
 * - `ended`: it has its result; `lacking` when its rows did not come to where they were wanted.
 * - `lost`: it was accepted, and Redis no longer knows it.
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

/** Those that were submitted and have no result. */
export function openRuns(runs: readonly QueryRun[]): QueryRun[] {
  return runs.filter(({ state }) => 'sinceMs' in state);
}

/** Whether a query has brought what was wanted. */
export function isWell({ state }: QueryRun): boolean {
  return state.status === 'ended' && state.result.status === 'completed' && state.lacking === undefined;
}
