import { createReadStream } from 'node:fs';
import { countedInWords } from '@taskwire/monitoring/status';
import type { JsonObject, JsonValue, TaskResult } from '@taskwire/protocol';
import type { sqlTasks } from '@taskwire/tasks';
import type { z } from 'zod';
import { linesOf } from '../../lines.ts';

/** What the task `sql_query` returns. */
export type SqlResult = z.output<(typeof sqlTasks)[0]['result']>;
export type Column = SqlResult['columns'][number];

/** The most rows shown to people. */
const MAX_SHOWN_ROWS = 1000;

/** The result of a query; undefined for an error or another task type. */
export function sqlResultOf(result: TaskResult): SqlResult | undefined {
  if (result.status !== 'completed' || result.task_type !== 'sql_query') return undefined;
  const { columns, rows } = result.result;
  return Array.isArray(columns) && Array.isArray(rows) ? (result.result as unknown as SqlResult) : undefined;
}

/** `5 rows`, `3 rows changed`, `done`. */
export function broughtInWords({ columns, row_count, affected_rows, truncated }: SqlResult): string {
  if (columns.length > 0) return `${countedInWords(row_count, 'row')}${truncated ? ' (there are more)' : ''}`;
  return affected_rows === undefined ? 'done' : `${countedInWords(affected_rows, 'row')} changed`;
}

/** A query has completed, but its rows could not be shown or written. */
export class RowsNotShownError extends Error {
  readonly code = 'rows_not_shown';
}

/** The first rows: from the message, or if it holds too few, from the file. @throws RowsNotShownError */
export async function firstRows({ rows, row_count, file }: SqlResult): Promise<JsonObject[]> {
  const isAll = rows.length >= Math.min(row_count, MAX_SHOWN_ROWS);
  if (isAll || file?.format !== 'ndjson') return rows.slice(0, MAX_SHOWN_ROWS);
  const found: JsonObject[] = [];
  try {
    for await (const line of linesOf(createReadStream(file.path))) {
      found.push(JSON.parse(line));
      if (found.length === MAX_SHOWN_ROWS) break;
    }
    return found;
  } catch (error) {
    // It is on another machine, or was removed: only the message's rows are left.
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return rows;
    throw new RowsNotShownError(`The file ${file.path} does not hold the rows that it should`, { cause: error });
  }
}

/** A value for people. */
export function textOf(value: JsonValue | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Whether a column holds numbers, which may travel as texts to lose no digits. */
export function isNumeric({ type }: Pick<Column, 'type'>): boolean {
  return /^(u?(tiny|small|big|huge)?int(eger)?|decimal|numeric|float|double|double precision|real|money)(\(.*\))?$/i.test(
    type,
  );
}
