import { join } from 'node:path';
import { countedInWords } from '@taskwire/monitoring';
import { print } from '../../output/print.ts';
import { visible } from './cell-text.ts';
import { extensionOf, type Format, isRowFormat } from './format.ts';
import { plain } from './paint.ts';
import { copyRowFile, rowFileOf, writeTextFile } from './row-file.ts';
import { shownLines } from './shown-lines.ts';
import type { SqlResult } from './sql-result.ts';

export interface WriteIntoOptions {
  folder: string;
  /** Of the file, without what says the format. */
  name: string;
  format: Format;
  /** How to get the rows that a file for people does not hold. */
  advice: string;
}

/**
 * Writes a file of the rows, and says so in a line. A statement that returns no rows has none.
 *
 * @throws RowsNotShownError
 */
export async function writeInto(result: SqlResult, { folder, name, format, advice }: WriteIntoOptions): Promise<void> {
  if (result.columns.length === 0) return;
  const path = join(folder, `${name}.${extensionOf(format)}`);
  if (isRowFormat(format)) {
    const file = rowFileOf(result);
    await copyRowFile(file, path);
    return printWritten(path, result.row_count, file.bytes);
  }
  const lines = await shownLines(result, { format, width: undefined, paint: plain, advice });
  const text = `${lines.join('\n')}\n`;
  await writeTextFile(text, path);
  printWritten(path, result.row_count, Buffer.byteLength(text));
}

function printWritten(path: string, rows: number, bytes: number): void {
  print(`${visible(path)}: ${countedInWords(rows, 'row')}, ${countedInWords(bytes, 'byte')}`);
}
