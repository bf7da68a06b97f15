import { join } from 'node:path';
import { countedInWords } from '@taskwire/monitoring';
import { print } from '../../output/print.ts';
import { visible } from '../../output/terminal-text.ts';
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
  /** Aborted when it is to be given up. */
  signal: AbortSignal;
}

/** Where the rows of a query are written. */
export function pathIn({ folder, name, format }: Pick<WriteIntoOptions, 'folder' | 'name' | 'format'>): string {
  return join(folder, `${name}.${extensionOf(format)}`);
}

/**
 * Writes a file of the rows, and says so in a line. A statement that returns no rows has none.
 *
 * @throws RowsNotShownError
 */
export async function writeInto(result: SqlResult, options: WriteIntoOptions): Promise<void> {
  const { format, advice, signal } = options;
  if (result.columns.length === 0) return;
  const path = pathIn(options);
  if (isRowFormat(format)) {
    const file = rowFileOf(result);
    await copyRowFile(file, path, signal);
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
