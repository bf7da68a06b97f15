import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { JsonObject, TaskResult } from '@taskwire/protocol';
import type { sqlTasks } from '@taskwire/tasks';
import type { z } from 'zod';

/** What the task `sql_query` returns. */
export type SqlResult = z.output<(typeof sqlTasks)[0]['result']>;
export type Column = SqlResult['columns'][number];

/** So many rows are shown to people at most. */
export const MAX_SHOWN_ROWS = 1000;

/** What a query brought; undefined when the result is an error, or that of another task. */
export function sqlResultOf(result: TaskResult): SqlResult | undefined {
  if (result.status !== 'completed' || result.task_type !== 'sql_query') return undefined;
  const { columns, rows } = result.result;
  return Array.isArray(columns) && Array.isArray(rows) ? (result.result as unknown as SqlResult) : undefined;
}

/** The first rows: those of the message, or where it holds too few, of the file beside it. */
export async function firstRows({ rows, row_count, file }: SqlResult): Promise<JsonObject[]> {
  const isAll = rows.length >= Math.min(row_count, MAX_SHOWN_ROWS);
  if (isAll || file?.format !== 'ndjson') return rows.slice(0, MAX_SHOWN_ROWS);
  try {
    const found: JsonObject[] = [];
    const lines = createInterface({ input: createReadStream(file.path) });
    for await (const line of lines) {
      found.push(JSON.parse(line));
      if (found.length === MAX_SHOWN_ROWS) break;
    }
    lines.close();
    return found;
  } catch {
    // It is on another machine, or was removed: what came with the message is what there is.
    return rows;
  }
}

/** Whether the values of a column are numbers, which may travel as texts so as to lose no digits. */
export function isNumeric({ type }: Pick<Column, 'type'>): boolean {
  return /^(u?(tiny|small|big|huge)?int(eger)?|decimal|numeric|float|double|double precision|real|money)(\(.*\))?$/i.test(
    type,
  );
}
