import { styleText } from 'node:util';
import type { TaskResult } from '@taskwire/protocol';
import { onStdout } from '../sql/show/paint.ts';
import { shownLines } from '../sql/show/shown-lines.ts';
import { sqlResultOf } from '../sql/show/sql-result.ts';
import { print, printResult } from './print.ts';
import { visible } from './terminal-text.ts';

/** A result for people, as any other; but rows of SQL as a table, and below it the file that holds them. */
export async function printTaskResult(result: TaskResult): Promise<void> {
  const sqlResult = sqlResultOf(result);
  if (!sqlResult) return printResult(result);
  const how = styleText('dim', visible(`${result.task_type} ${result.task_id}, ${result.duration_ms} ms`));
  const width = process.stdout.isTTY ? process.stdout.columns : undefined;
  const advice = 'max_rows or format asks for them';
  const lines = await shownLines(sqlResult, { format: 'table', width, paint: onStdout, advice });
  print([`${styleText('green', '✔ completed')} ${how}`, ...lines].join('\n'));
  const { file } = sqlResult;
  if (file) print(onStdout('dim', `${visible(file.path)} (${file.format}, ${file.rows} rows, ${file.bytes} bytes)`));
}
