import { styleText } from 'node:util';
import type { TaskResult, TaskRun } from '@taskwire/protocol';
import { EXIT_CODE } from '../exit-code.ts';
import { onStdout } from '../sql/show/paint.ts';
import { shownLines } from '../sql/show/shown-lines.ts';
import { sqlResultOf } from '../sql/show/sql-result.ts';
import { print, printJson } from './print.ts';
import { printTaskRun } from './print-task-run.ts';
import { visible, visibleJson, visibleLines } from './terminal-text.ts';

interface PrintOptions {
  json: boolean;
  /** What to print of how it came to its result; null: there is nothing to say. Default: not asked for. */
  run?: TaskRun | null | undefined;
}

/**
 * Prints a result: as on the wire, or for people its outcome in a line, then its value; SQL rows as a table, and
 * below it the file that holds them.
 *
 * @returns the exit code
 */
export async function printTaskResult(result: TaskResult, { json, run }: PrintOptions): Promise<number> {
  const how = styleText('dim', visible(`${result.task_type} ${result.task_id}, ${result.duration_ms} ms`));
  if (json) printJson({ ...result, run });
  else if (result.status === 'error') {
    print(`${styleText('red', `✘ ${result.error_code}`)} ${how}\n${visibleLines(result.error)}`);
  } else {
    const lines = await linesOf(result);
    print([`${styleText('green', '✔ completed')} ${how}`, ...lines].join('\n'));
  }
  if (run !== undefined && !json) printTaskRun(run);
  return result.status === 'completed' ? EXIT_CODE.ok : EXIT_CODE.failed;
}

async function linesOf(result: Extract<TaskResult, { status: 'completed' }>): Promise<string[]> {
  const sqlResult = sqlResultOf(result);
  if (!sqlResult) return [visibleJson(result.result, 2)];
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  const advice = 'max_rows or format asks for them';
  const lines = await shownLines(sqlResult, { format: 'table', width, paint: onStdout, advice });
  const { file } = sqlResult;
  if (!file) return lines;
  return [...lines, onStdout('dim', `${visible(file.path)} (${file.format}, ${file.rows} rows, ${file.bytes} bytes)`)];
}
