import type { JsonObject, JsonValue } from '@taskwire/protocol';
import { visible } from '../../output/terminal-text.ts';
import { cut, padded, widthOf } from '../../output/text-width.ts';
import type { Paint } from './paint.ts';
import { type Column, isNumeric, textOf } from './sql-result.ts';

export interface TableOptions {
  columns: readonly Column[];
  rows: readonly JsonObject[];
  /** Of the terminal; undefined: no limit. */
  width: number | undefined;
  paint: Paint;
}

const GAP = 2;
/** Cells are not cut below this to make room for others. */
const LEAST_CELL_WIDTH = 8;
/** Applies without a width: one long text must not pad all other lines. */
const MAX_CELL_WIDTH = 200;

/** Rows as lines with aligned columns under a heading. Columns that do not fit are named below. */
export function tableLines({ columns, rows, width, paint }: TableOptions): string[] {
  const texts = rows.map((row) => columns.map(({ name }) => cellText(row[name])));
  const heading = columns.map(({ name }) => visible(name));
  const natural = heading.map((name, at) =>
    texts.reduce((most, row) => Math.max(most, widthOf(row[at] ?? '')), widthOf(name)),
  );
  const widths = fitted(natural, width);
  const line = (cells: readonly string[], decorate: (cell: string, at: number) => string) =>
    widths
      .map((limit, at) => {
        const side = isNumeric(columns[at] as Column) ? 'right' : 'left';
        return decorate(padded(cut(cells[at] ?? '', limit), limit, side), at);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const lines = texts.map((cells, row) =>
    line(cells, (cell, at) => (rows[row]?.[columns[at]?.name ?? ''] === null ? paint('dim', cell) : cell)),
  );
  const missing = heading.slice(widths.length);
  const note = `and ${missing.length} more columns: ${missing.join(', ')}`;
  return [
    paint(
      'dim',
      line(heading, (cell) => cell),
    ),
    ...lines,
    ...(missing.length === 0 ? [] : [paint('dim', width === undefined ? note : cut(note, width))]),
  ];
}

function cellText(value: JsonValue | undefined): string {
  const text = textOf(value);
  // Cut before escaping: most of a text of megabytes is not shown.
  return cut(
    visible(text.length > MAX_CELL_WIDTH * 4 ? `${text.slice(0, MAX_CELL_WIDTH * 4)}…` : text),
    MAX_CELL_WIDTH,
  );
}

/** The widths of as many columns as fit. The widest are cut first. */
function fitted(natural: readonly number[], width: number | undefined): number[] {
  if (width === undefined) return [...natural];
  const total = (limit: number, count: number) =>
    natural.slice(0, count).reduce((sum, one) => sum + Math.min(one, limit) + GAP, -GAP);
  let count = natural.length;
  while (count > 1 && total(LEAST_CELL_WIDTH, count) > width) count -= 1;
  let limit = MAX_CELL_WIDTH;
  while (limit > 1 && total(limit, count) > width) limit -= 1;
  return natural.slice(0, count).map((one) => Math.min(one, limit));
}
