import type { JsonObject, JsonValue } from '@taskwire/protocol';
import { cut, visible } from '../../output/terminal-text.ts';
import type { Paint } from '../show/paint.ts';
import { type Column, isNumeric, textOf } from '../show/sql-result.ts';

export interface Series {
  name: string;
  /** Undefined if it cannot be drawn: NULL, `NaN`, `Infinity`. */
  values: (number | undefined)[];
  /** The same, with all digits. */
  texts: string[];
}

export interface ChartData {
  /** One for each row. */
  labels: string[];
  /** At least one. */
  series: Series[];
}

export interface DrawOptions {
  data: ChartData;
  /** Of the terminal. */
  width: number;
  paint: Paint;
}

const MAX_LABEL = 200;

/**
 * What to draw: each column of numbers is a series. The other columns are the labels; without any, a first column of
 * whole numbers, as a year, or the row number. Undefined if there
 * are no numbers to draw.
 */
export function chartData(columns: readonly Column[], rows: readonly JsonObject[]): ChartData | undefined {
  const numeric = columns.filter(isNumeric);
  const others = columns.filter((column) => !isNumeric(column));
  const labels = others.length > 0 ? others : rows.length > 1 ? leadingNumber(numeric) : [];
  const drawn = numeric.filter((column) => !labels.includes(column));
  if (drawn.length === 0) return undefined;
  return {
    labels: rows.map((row, index) => labelOf(row, labels) ?? String(index + 1)),
    series: drawn.map(({ name }) => ({
      name: visible(name),
      values: rows.map((row) => numberOf(row[name])),
      texts: rows.map((row) => shortText(row[name])),
    })),
  };
}

function leadingNumber([first, second]: readonly Column[]): Column[] {
  return first && second && /int/i.test(first.type) ? [first] : [];
}

function labelOf(row: JsonObject, columns: readonly Column[]): string | undefined {
  if (columns.length === 0) return undefined;
  return cut(columns.map(({ name }) => shortText(row[name])).join(' / '), MAX_LABEL);
}

function shortText(value: JsonValue | undefined): string {
  return cut(visible(textOf(value)), MAX_LABEL);
}

/** Decimals and long integers travel as texts. */
function numberOf(value: JsonValue | undefined): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

/** All values that can be drawn. */
export function drawable(series: readonly Series[]): number[] {
  return series.flatMap(({ values }) => values.filter((value) => value !== undefined));
}

/** Given to series in turn. */
const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'blue', 'red'] as const;

export function colourOf(series: number): (typeof COLOURS)[number] {
  return COLOURS[series % COLOURS.length] ?? 'cyan';
}
