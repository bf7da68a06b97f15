import { countInWords } from '@taskwire/monitoring/status';
import { markdownLines, markdownText } from './markdown.ts';
import type { Paint } from './paint.ts';
import { broughtInWords, firstRows, type SqlResult } from './sql-result.ts';
import { tableLines } from './table.ts';

export interface ShownOptions {
  format: 'table' | 'markdown';
  /** Of the terminal; undefined: no limit. */
  width: number | undefined;
  paint: Paint;
  /** How to get the rows that are not shown. Default: with `taskwire sql`. */
  advice?: string;
}

/** The rows of a result for people, and below them a note on what is not shown. */
export async function shownLines(result: SqlResult, options: ShownOptions): Promise<string[]> {
  const { format, width, paint, advice = '--format csv or --out FOLDER writes them all' } = options;
  const { columns } = result;
  if (columns.length === 0) return [broughtInWords(result)];
  const rows = await firstRows(result);
  const note = noteOn(result, rows.length, advice);
  if (format === 'markdown') return [...markdownLines(columns, rows), ...(note ? ['', `_${markdownText(note)}_`] : [])];
  const lines = tableLines({ columns, rows, width, paint });
  return [...lines, ...(note ? [paint('dim', `(${note})`)] : [])];
}

/** Says that the rows shown are not all. */
function noteOn({ row_count, truncated, file }: SqlResult, shown: number, advice: string): string | undefined {
  if (row_count === 0) return 'no rows';
  if (shown < row_count) {
    const where = file ? `; all are in ${file.path} on the machine of the sql-worker` : '';
    return `the first ${countInWords(shown)} of ${countInWords(row_count)} rows${where}`;
  }
  return truncated ? `the first ${countInWords(shown)} rows; there are more: ${advice}` : undefined;
}
