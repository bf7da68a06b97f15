import { countedInWords, countInWords, durationInWords } from '@taskwire/monitoring/status';
import { taskOutcomeOf } from '@taskwire/protocol';
import { visible } from '../../output/terminal-text.ts';
import { placeLines, positionIn } from '../show/error-place.ts';
import type { Paint } from '../show/paint.ts';
import { broughtInWords, sqlResultOf } from '../show/sql-result.ts';
import { isWell, type QueryRun } from './query-run.ts';

export interface RunLinesOptions {
  /** Whether to name the task, to fetch its result again. */
  withTaskId: boolean;
  /** Characters of a line that shows SQL. */
  width: number;
  paint: Paint;
}

const LOST = 'It was accepted, and Redis no longer knows it: Redis has lost its data';

/** The outcome of an ended query: a line, and for an error its sentence and the place in the SQL. */
export function endedLines(
  { query, taskId, state }: QueryRun,
  { withTaskId, width, paint }: RunLinesOptions,
): string[] {
  const task = withTaskId ? paint('dim', ` (task ${taskId})`) : '';
  if (state.status === 'lost') return [`${paint('red', `✘ ${visible(query.name)}: lost`)}${task}`, LOST];
  if (state.status !== 'ended') return [];
  const { result } = state;
  const duration = durationInWords(result.duration_ms);
  const name = visible(query.name);
  if (result.status === 'completed') {
    const sqlResult = sqlResultOf(result);
    return [
      `${paint('green', '✔')} ${name}: ${sqlResult ? broughtInWords(sqlResult) : 'completed'}, ${duration}${task}`,
    ];
  }
  const position = positionIn(result);
  return [
    `${paint('red', `✘ ${name}: ${result.error_code}`)}, ${duration}${task}`,
    ...result.error.split('\n').map(visible),
    ...(position === undefined ? [] : placeLines(query, position, width)),
  ];
}

/** Sums up all queries. */
export function summaryLine(runs: readonly QueryRun[], elapsedMs: number): string {
  const fates = runs.map(fateOf);
  const rows = runs.filter(isWell).reduce((sum, { state }) => sum + rowsOf(state), 0);
  const counts = FATES.map((fate) => [fates.filter((one) => one === fate).length, fate] as const);
  const told = counts.filter(([count, fate]) => fate === 'completed' || count > 0);
  const words = told.map(([count, fate]) => `${countInWords(count)} ${fate}`).join(', ');
  return `${words}; ${countedInWords(rows, 'row')} in ${durationInWords(elapsedMs)}`;
}

const FATES = [
  'completed',
  'not written',
  'not shown',
  'failed',
  'cancelled',
  'lost',
  'left running',
  'not started',
] as const;

function fateOf({ state }: QueryRun): (typeof FATES)[number] {
  if (state.status === 'ended') return state.lacking ?? taskOutcomeOf(state.result);
  if (state.status === 'lost') return 'lost';
  return state.status === 'waiting' ? 'not started' : 'left running';
}

function rowsOf(state: QueryRun['state']): number {
  return state.status === 'ended' ? (sqlResultOf(state.result)?.row_count ?? 0) : 0;
}

/** The queries that are not run. */
export function unstartedLines(runs: readonly QueryRun[]): string[] {
  const names = runs.filter(({ state }) => state.status === 'waiting').map(({ query }) => visible(query.name));
  return names.length === 0 ? [] : [`Not started, and not run: ${names.join(', ')}`];
}

/** How to fetch or cancel the queries that go on. */
export function leftLines(open: readonly QueryRun[]): string[] {
  if (open.length === 0) return [];
  const ids = open.map(({ taskId }) => taskId);
  return [
    `${open.length === 1 ? '1 query goes' : `${open.length} queries go`} on. To fetch results:`,
    ...open.map(({ query, taskId }) => `  taskwire result ${taskId} --wait  # ${visible(query.name)}`),
    'To cancel:',
    `  taskwire cancel ${ids.join(' ')}`,
  ];
}
