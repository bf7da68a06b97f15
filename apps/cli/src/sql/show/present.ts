import { print } from '../../output/print.ts';
import { visible } from '../../output/terminal-text.ts';
import type { Query } from '../ask/query.ts';
import type { Output } from '../ask/run-options.ts';
import { isRowFormat } from './format.ts';
import { markdownText } from './markdown.ts';
import { onStdout } from './paint.ts';
import { printRows, rowsIn } from './row-file.ts';
import { shownLines } from './shown-lines.ts';
import type { SqlResult } from './sql-result.ts';
import { writeInto } from './write-into.ts';

export interface PresentOptions {
  query: Pick<Query, 'name'>;
  /** Of its file in a folder. */
  fileName: string;
  output: Exclude<Output, { kind: 'wire' }>;
  /** Whether other queries run too. */
  isOneOfMany: boolean;
  /** Aborted to give up. */
  signal: AbortSignal;
}

/** Shows or writes the rows of a query where the user wants them. @throws RowsNotShownError */
export async function present(result: SqlResult, options: PresentOptions): Promise<void> {
  const { query, output, isOneOfMany, signal, fileName } = options;
  if (output.kind === 'folder') return writeInto(output, fileName, result, signal);
  if (isRowFormat(output.format)) {
    // A statement without columns has no rows; standard error says what it changed.
    const { format, bom } = output;
    if (result.columns.length > 0) await printRows(rowsIn(result, { format, bom }), signal);
    return;
  }
  const lines = await shownLines(result, {
    format: output.format === 'markdown' ? 'markdown' : 'table',
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    paint: onStdout,
  });
  // On one terminal, the line about its end is already above the rows.
  const hasHeading = process.stderr.isTTY && process.stdout.isTTY;
  const isMarkdown = output.format === 'markdown';
  const heading = isMarkdown ? [`## ${markdownText(query.name)}`, ''] : [onStdout('bold', visible(query.name))];
  print([...(isOneOfMany && !hasHeading ? heading : []), ...lines, ...(isOneOfMany ? [''] : [])].join('\n'));
}
