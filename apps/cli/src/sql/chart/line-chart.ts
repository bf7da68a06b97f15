import plot, { type Color, type SingleLine } from 'simple-ascii-chart';
import { cut, padded, widthOf } from '../../output/terminal-text.ts';
import type { Paint } from '../show/paint.ts';
import { type Axis, axisOf } from './axis.ts';
import { colourOf, type DrawOptions, drawable, type Series } from './chart-data.ts';

const LINES_PER_TICK = 3;
const LEAST_WIDTH = 10;
/** What the library puts around the plot: the axis on the left, its arrow on the right. */
const AROUND = 4;

/** A line for each series over the rows, which are evenly spaced. */
export function lineChart({ data: { labels, series }, width, paint }: DrawOptions): string[] {
  const values = drawable(series);
  if (values.length === 0) {
    const isNull = series.every(({ texts }) => texts.every((text) => text === 'NULL'));
    return [`(nothing to draw: ${isNull ? 'all values are NULL' : 'no value is a finite number'})`];
  }
  const axis = axisOf(values);
  const margin = axis.labels.reduce((most, label) => Math.max(most, label.length), 0);
  const plotWidth = Math.max(LEAST_WIDTH, width - margin - AROUND);
  const isColoured = paint('cyan', '') !== '';
  const drawn = plot(
    series.map((one) => pointsOf(one, axis, plotWidth)),
    {
      width: plotWidth,
      height: (axis.labels.length - 1) * LINES_PER_TICK + 1,
      yRange: [0, axis.labels.length - 1],
      customYAxisTicks: axis.labels.map((_, at) => at),
      hideXAxisTicks: true,
      // Formats points too, to measure the room for labels.
      formatter: (value, { axis: of }) => (of === 'y' ? (axis.labels[value] ?? '').padStart(margin) : ''),
      ...(isColoured && { color: series.map((_, at) => libraryColour(at)) }),
    },
  );
  // The first line with something on it is an arrow that points up.
  const lines = drawn
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(1);
  const below = `${' '.repeat(margin + 1)}${rowOfLabels(labels, plotWidth)}`;
  return [...lines.map((line) => line.trimEnd()), below.trimEnd(), ...legend(series, width, paint)];
}

/**
 * The library divides by differences that may overflow or underflow, so it gets heights on the axis.
 * It draws steps from point to point. With fewer rows than columns it also gets the points in between,
 * so that lines slope; NULLs are bridged.
 */
function pointsOf({ values }: Series, axis: Axis, width: number): SingleLine {
  const known = values.flatMap(
    (value, index): SingleLine => (value === undefined ? [] : [[index, axis.heightOf(value)]]),
  );
  const last = values.length - 1;
  if (values.length >= width || known.length < 2) return known;
  const points: SingleLine = [];
  let at = 0;
  for (let column = 0; column < width; column += 1) {
    const x = (column / (width - 1)) * last;
    while (at < known.length - 2 && (known[at + 1]?.[0] ?? 0) < x) at += 1;
    const [fromX, fromY] = known[at] ?? [0, 0];
    const [toX, toY] = known[at + 1] ?? [1, 0];
    if (x >= (known[0]?.[0] ?? 0) && x <= (known.at(-1)?.[0] ?? last)) {
      points.push([x, fromY + ((toY - fromY) * (x - fromX)) / (toX - fromX)]);
    }
  }
  return points;
}

/** The first and last label at their places, and the middle one if there is room. */
function rowOfLabels(labels: readonly string[], width: number): string {
  const limit = Math.floor(width / 3) - 1;
  const [first = '', ...others] = labels;
  const last = others.at(-1) ?? '';
  const middle = labels.length % 2 === 1 && labels.length > 2 ? (labels[(labels.length - 1) / 2] ?? '') : '';
  const [left, centre, right] = [cut(first, limit), cut(middle, limit), cut(last, limit)];
  const toCentre = Math.max(0, Math.floor((width - widthOf(centre)) / 2));
  const start = padded(left, toCentre) + centre;
  return start + padded(right, width - widthOf(start), 'right');
}

function legend(series: readonly Series[], width: number, paint: Paint): string[] {
  return series.map(({ name }, at) => `${paint(colourOf(at), '━')} ${cut(name, width - 2)}`);
}

function libraryColour(series: number): Color {
  const colour = colourOf(series);
  return `ansi${colour.charAt(0).toUpperCase()}${colour.slice(1)}` as Color;
}
