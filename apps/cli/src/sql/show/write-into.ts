import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { countedInWords } from '@taskwire/monitoring/status';
import { print } from '../../output/print.ts';
import { visible } from '../../output/terminal-text.ts';
import type { Output } from '../ask/run-options.ts';
import { extensionOf, isRowFormat } from './format.ts';
import { plain } from './paint.ts';
import { copyRows, rowsIn, writeRows } from './row-file.ts';
import { shownLines } from './shown-lines.ts';
import type { SqlResult } from './sql-result.ts';

type OutFolder = Extract<Output, { kind: 'folder' }>;

/** Where to write the rows of a query. */
export function pathIn({ folder, format }: OutFolder, name: string): string {
  return join(folder, `${name}.${extensionOf(format)}`);
}

/**
 * Writes the rows to a file and says so in a line. A statement without rows gets no file.
 *
 * @param signal aborted to give up.
 * @throws RowsNotShownError
 */
export async function writeInto(
  output: OutFolder,
  name: string,
  result: SqlResult,
  signal: AbortSignal,
): Promise<void> {
  if (result.columns.length === 0) return;
  const path = pathIn(output, name);
  let bytes: number;
  if (isRowFormat(output.format)) {
    await copyRows(rowsIn(result, { format: output.format, bom: output.bom }), path, signal);
    bytes = (await stat(path)).size;
  } else {
    const lines = await shownLines(result, { format: output.format, width: undefined, paint: plain });
    const text = `${lines.join('\n')}\n`;
    await writeRows(path, text);
    bytes = Buffer.byteLength(text);
  }
  print(`${visible(path)}: ${countedInWords(result.row_count, 'row')}, ${countedInWords(bytes, 'byte')}`);
}
