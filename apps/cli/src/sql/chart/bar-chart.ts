import { countInWords } from '@taskwire/monitoring';
import { cut, padded, widthOf } from '../../output/terminal-text.ts';
import { type ChartData, colourOf, type DrawOptions, drawable } from './chart-data.ts';

/** More bars would have to be read, not looked at. */
const MAX_BARS = 40;
const LEAST_BAR_WIDTH = 4;
const GAP = 2;

const FULL = '█';
/** Eighths of a bar to the right. */
const TO_RIGHT = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;
/** To the left there are only halves. */
const RIGHT_HALF = '▐';

/** A bar for each value, to the right of its label; negative ones go left. All share one scale that begins at 0. */
export function barChart({ data: { labels, series }, width, paint }: DrawOptions): string[] {
  const perRow = series.length;
  const rows = Math.min(labels.length, Math.max(1, Math.floor(MAX_BARS / perRow)));
  const shown = labels.slice(0, rows);
  const columns = columnWidths(shown, series, width);
  const inSight = series.map((one) => ({ ...one, values: one.values.slice(0, rows) }));
  const scale = scaleOf(drawable(inSight), columns.bar);
  const lines = shown.flatMap((label, row) =>
    series.map(({ name, values, texts }, at) => {
      const value = values[row];
      return [
        padded(at === 0 ? cut(label, columns.label) : '', columns.label),
        ...(perRow > 1 ? [paint('dim', padded(cut(name, columns.name), columns.name))] : []),
        paint(colourOf(at), value === undefined ? ' '.repeat(columns.bar) : barOf(value, scale)),
        padded(cut(texts[row] ?? '', columns.value), columns.value, 'right'),
      ].join(' '.repeat(GAP));
    }),
  );
  const missing = labels.length - rows;
  const note = `the first ${countInWords(rows)} of ${countInWords(labels.length)} rows`;
  return missing > 0 ? [...lines, paint('dim', cut(note, width))] : lines;
}

function columnWidths(labels: readonly string[], series: ChartData['series'], width: number) {
  const widest = (texts: readonly string[]) => texts.reduce((most, text) => Math.max(most, widthOf(text)), 1);
  const value = Math.min(
    widest(series.flatMap(({ texts }) => texts.slice(0, labels.length))),
    Math.max(8, Math.floor(width / 4)),
  );
  const label = Math.min(widest(labels), Math.floor(width / 3));
  const name = series.length > 1 ? Math.min(widest(series.map(({ name }) => name)), Math.floor(width / 6)) : 0;
  const taken = label + value + name + GAP * (series.length > 1 ? 3 : 2);
  return { label, name, value, bar: Math.max(LEAST_BAR_WIDTH, width - taken) };
}

interface Scale {
  /** Columns left of 0, and right of it. */
  left: number;
  right: number;
  /** A bar of value `peak` takes `peakColumns`. */
  peak: number;
  peakColumns: number;
}

function scaleOf(values: readonly number[], width: number): Scale {
  const low = values.reduce((least, value) => Math.min(least, value), 0);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  // Halves: with the largest doubles, the sum would be Infinity.
  const share = low === 0 ? 0 : -low / 2 / (high / 2 - low / 2);
  const left = low === 0 ? 0 : Math.min(width - (high > 0 ? 1 : 0), Math.max(1, Math.round(width * share)));
  const right = width - left;
  // Rounding gives one side a little more than its share: the other side sets the scale.
  const isByLow = high === 0 || (low < 0 && left / width < share);
  return { left, right, ...(isByLow ? { peak: -low, peakColumns: left } : { peak: high, peakColumns: right }) };
}

/** As wide as all others. A value other than 0 is visible. */
function barOf(value: number, { left, right, peak, peakColumns }: Scale): string {
  const length = value === 0 ? 0 : Math.min((Math.abs(value) / peak) * peakColumns, value < 0 ? left : right);
  if (value < 0) {
    const halves = Math.max(1, Math.round(length * 2));
    const bar = (halves % 2 === 1 ? RIGHT_HALF : '') + FULL.repeat(Math.floor(halves / 2));
    return padded(bar, left, 'right') + ' '.repeat(right);
  }
  const eighths = value === 0 ? 0 : Math.max(1, Math.round(length * 8));
  const bar = FULL.repeat(Math.floor(eighths / 8)) + (TO_RIGHT[eighths % 8] ?? '');
  return ' '.repeat(left) + padded(bar, right);
}
