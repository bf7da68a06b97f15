import type { JsonObject, TaskResult } from '@taskwire/protocol';
import type { Column } from './rows.ts';

/** What a SQL task has brought. */
export interface SqlRows {
  columns: Column[];
  /** All rows, or the first ones when there is a file. */
  rows: JsonObject[];
  rowCount: number;
  truncated: boolean;
  affectedRows: number | undefined;
  file: { path: string; format: string; bytes: number } | undefined;
}

/** Undefined for errors and other task types. */
export function sqlRowsOf(result: TaskResult): SqlRows | undefined {
  if (result.status !== 'completed' || result.task_type !== 'sql_query') return undefined;
  const { columns, rows, row_count, truncated, affected_rows, file } = result.result;
  if (!Array.isArray(columns) || !Array.isArray(rows)) return undefined;
  return {
    columns: columns as unknown as Column[],
    rows: rows as JsonObject[],
    rowCount: row_count as number,
    truncated: truncated as boolean,
    affectedRows: affected_rows as number | undefined,
    file: file as unknown as SqlRows['file'],
  };
}
