import { z } from 'zod';
import { say, sayError, sayUnknown } from '../answers/answer.ts';
import { asData, FRAME_TOKENS } from '../answers/data.ts';
import { showRows } from '../answers/rows.ts';
import { sqlRowsOf } from '../answers/sql-rows.ts';
import { startOf } from '../answers/tokens.ts';
import { type FoundRows, rowsFrom } from '../row-pages.ts';
import { taskId } from './task-tools.ts';
import { type Called, defineTool, READS, type Tool } from './tool.ts';

export const readResult: Tool = defineTool({
  name: 'read_result',
  description:
    'A page of the result of a task that has ended: rows of a query, or characters of another result; or all of one long value.',
  input: z.strictObject({
    task_id: taskId,
    offset: z
      .int()
      .min(0)
      .default(0)
      .describe('Rows to skip, 0 for the first row; of a result without rows: characters'),
    limit: z.int().min(1).max(1000).default(1000).describe('Most rows; an answer holds as many as fit'),
    column: z.string().max(1000).optional().describe('Read only the value of this column, of the row at offset, whole'),
    start: z.int().min(0).default(0).describe('With column: characters of the value to skip'),
  }),
  annotations: READS,
  async call({ task_id, offset, limit, column, start }, { desk, settings, signal }) {
    const result = await desk.result(task_id, 0, signal);
    const room = settings.max_tokens - FRAME_TOKENS;
    if (!result)
      return (await desk.look(task_id))
        ? sayError('It has no result yet, or it is no longer kept: get_result says which.')
        : sayUnknown(task_id);
    if (result.status === 'error') return sayError(`It ended in the error ${result.error_code}; get_result has it.`);
    const sql = sqlRowsOf(result);
    if (!sql) return pageOfText(JSON.stringify(result.result), offset, 'offset', room);
    if (offset >= sql.row_count) return say(`It has ${sql.row_count} rows: none from offset ${offset} on.`);
    const found = await rowsFrom(sql, desk.fileOf(result), { offset, limit: column === undefined ? limit : 1, signal });
    if (found.status === 'not_here') return sayError(notHere(found));
    if (found.status === 'too_much')
      return sayError(
        'The row is too large, or so many rows cannot be skipped in time: use substring, a filter or offset in the query.',
      );
    const [row] = found.rows;
    if (column === undefined) {
      const { text, rows } = showRows(sql.columns, found.rows, room);
      const next = offset + rows;
      const rest = next < sql.row_count ? `next: offset ${next}` : 'these are the last';
      return say(`rows ${offset + 1} to ${next} of ${sql.row_count}; ${rest}\n${asData(text)}`);
    }
    const value = row && Object.hasOwn(row, column) ? row[column] : undefined;
    if (value === undefined)
      return sayError(
        `There is no such value: the result has ${sql.row_count} rows, and these columns:\n${asData(startOf(sql.columns.map(({ name }) => name).join(', '), room))}`,
      );
    return pageOfText(typeof value === 'string' ? value : JSON.stringify(value), start, 'start', room);
  },
});

function pageOfText(text: string, from: number, name: string, maxTokens: number): Called {
  if (from >= text.length) return say(`It has ${text.length} characters: none from ${name} ${from} on.`);
  const shown = startOf(text.slice(from), maxTokens);
  const next = from + shown.length;
  const rest = next < text.length ? `next: ${name} ${next}` : 'this is the end';
  return say(`characters ${from} to ${next} of ${text.length}; ${rest}\n${asData(shown)}`);
}

function notHere({ held, format, path }: Extract<FoundRows, { status: 'not_here' }>): string {
  return format === 'ndjson'
    ? `The file of its rows cannot be read here: it has expired, or is on another machine (${path}). Only the first ${held} rows are in the result.`
    : `Its rows were asked for as a file (${format}): ${path}. Only the first ${held} are in the result; leave out format to page through all.`;
}
