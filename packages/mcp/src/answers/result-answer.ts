import type { CallToolResult } from '@modelcontextprotocol/server';
import type { ErrorResult, TaskResult } from '@taskwire/protocol';
import { inArguments, say, sayError } from './answer.ts';
import { asData, FRAME_TOKENS } from './data.ts';
import { showRows } from './rows.ts';
import { sqlRowsOf } from './sql-rows.ts';
import { startOf } from './tokens.ts';

export interface ResultAnswerOptions {
  maxTokens: number;
  /** The statement that was asked with, if it is known. */
  query?: string | undefined;
}

/** A result for a context window: what came of the task, and a preview of it. */
export function resultAnswer(result: TaskResult, { maxTokens, query }: ResultAnswerOptions): CallToolResult {
  const room = maxTokens - FRAME_TOKENS;
  if (result.status === 'error') return sayError(errorText(result, query, room));
  const head = `task_id: ${result.task_id}\ncompleted in ${Math.round(result.duration_ms)} ms`;
  const sql = sqlRowsOf(result);
  if (!sql) {
    const json = JSON.stringify(result.result);
    const shown = startOf(json, room);
    const rest =
      shown.length < json.length
        ? `\n${shown.length} of ${json.length} characters; the rest: read_result with offset ${shown.length}.`
        : '';
    return say(`${head}\n${asData(shown)}${rest}`);
  }
  const { columns, rows, row_count, truncated, affected_rows, file } = sql;
  const more = truncated ? ', and there are more: max_rows cut them off' : '';
  const count =
    columns.length === 0 ? `${rowsInWords(affected_rows ?? 0)} changed` : `${rowsInWords(row_count)}${more}`;
  if (columns.length === 0) return say(`${head}: ${count}`);
  const shown = showRows(columns, rows, room);
  const rest =
    shown.rows < row_count
      ? `\nThe first ${shown.rows} of ${row_count} rows; the rest: read_result with offset ${shown.rows}. Better: aggregate in SQL.`
      : '';
  const inFile = file
    ? `\nAll rows are in a file on the machine of the sql-worker: ${file.path} (${file.format}, ${file.bytes} bytes)`
    : '';
  return say(`${head}: ${count}\n${asData(shown.text)}${rest}${inFile}`);
}

function errorText(result: ErrorResult, query: string | undefined, maxTokens: number): string {
  const { task_id, error_code, error_details } = result;
  const error = error_code === 'invalid_parameters' ? inArguments(result.error) : result.error;
  const position = error_details?.find((detail) => detail.position !== undefined)?.position;
  const place = query === undefined || position === undefined ? '' : `\n${placeIn(query.trim(), position)}`;
  const text = asData(startOf(error, maxTokens - 100) + place);
  return `${task_id === null ? '' : `task_id: ${task_id}\n`}error_code: ${error_code}\n${text}`;
}

/** The faulty line, with a mark under the place. */
function placeIn(query: string, position: number): string {
  const start = query.lastIndexOf('\n', position - 1) + 1;
  const from = Math.max(start, position - 60);
  const [line = ''] = query.slice(from, position + 60).split('\n');
  return `${line}\n${' '.repeat(position - from)}^`;
}

function rowsInWords(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
