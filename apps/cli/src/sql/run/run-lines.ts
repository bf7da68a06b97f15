import { countedInWords, countInWords, durationInWords } from '@taskwire/monitoring';
import { visible } from '../show/cell-text.ts';
import { placeLines, positionIn } from '../show/error-place.ts';
import type { Paint } from '../show/paint.ts';
import { type SqlResult, sqlResultOf } from '../show/sql-result.ts';
import { openRuns, outcomeOf, type QueryRun } from './query-run.ts';

export interface RunLinesOptions {
  /** Whether to name the task, by which the result can be fetched again. */
  withTaskId: boolean;
  /** Characters of a line that shows SQL. */
  width: number;
  paint: Paint;
}

/** What came of a query that has ended: a line, and for an error its sentence and the place in the SQL. */
export function endedLines(
  { query, taskId, state }: QueryRun,
  { withTaskId, width, paint }: RunLinesOptions,
): string[] {
  if (state.status !== 'ended') return [];
  const { result } = state;
  const task = withTaskId ? paint('dim', ` (task ${taskId})`) : '';
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
    ...(position === undefined ? [] : placeLines({ query, position, width })),
  ];
}

/** `5 rows`, `3 rows changed`, `done`. */
export function broughtInWords({ columns, row_count, affected_rows, truncated }: SqlResult): string {
  if (columns.length > 0) return `${countedInWords(row_count, 'row')}${truncated ? ' (there are more)' : ''}`;
  return affected_rows === undefined ? 'done' : `${countedInWords(affected_rows, 'row')} changed`;
}

/** How all queries fared together. */
export function summaryLine(runs: readonly QueryRun[], elapsedMs: number): string {
  const results = runs.flatMap(({ state }) => (state.status === 'ended' ? [state.result] : []));
  const outcomes = results.map(outcomeOf);
  const count = (of: string) => outcomes.filter((outcome) => outcome === of).length;
  const rows = results.reduce((sum, result) => sum + (sqlResultOf(result)?.row_count ?? 0), 0);
  const open = openRuns(runs).length;
  const counts = [
    [count('completed'), 'completed'],
    [count('failed'), 'failed'],
    [count('cancelled'), 'cancelled'],
    [open, 'left running'],
    [runs.length - open - results.length, 'not started'],
  ] as const;
  const told = counts.filter(([number], index) => index === 0 || number > 0);
  const words = told.map(([number, what]) => `${countInWords(number)} ${what}`).join(', ');
  return `${words}; ${countedInWords(rows, 'row')} in ${durationInWords(elapsedMs)}`;
}

/** How to find again what goes on by itself. */
export function leftLines(open: readonly QueryRun[]): string[] {
  if (open.length === 0) return [];
  const ids = open.map(({ taskId }) => taskId);
  return [
    `${open.length === 1 ? '1 query goes' : `${open.length} queries go`} on. To fetch what comes of it:`,
    ...open.map(({ query, taskId }) => `  taskwire result ${taskId} --wait  # ${visible(query.name)}`),
    'To cancel:',
    `  taskwire cancel ${ids.join(' ')}`,
  ];
}
