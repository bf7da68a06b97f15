import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { plain } from '../show/paint.ts';
import { axisOf } from './axis.ts';
import { lineChart } from './line-chart.ts';

function chart(values: readonly (number | undefined)[], width = 60): string[] {
  const labels = values.map((_, at) => `day ${at + 1}`);
  const texts = values.map(String);
  return lineChart({ data: { labels, series: [{ name: 'sold', values: [...values], texts }] }, width, paint: plain });
}

/** How high a line is in a column of the drawing: lines of text from the top. */
function heights(lines: readonly string[], column: number): number {
  return lines.findIndex((line) => /[━┏┓┗┛┃]/.test(line[column] ?? ''));
}

test('goes up where values grow, between round numbers, with the labels of its ends', () => {
  const lines = chart([3, 11, 18, 29, 37]);
  expect(lines[0]).toMatch(/^40┤/);
  expect(lines.find((line) => line.startsWith(' 0┤'))).toBeDefined();
  expect(heights(lines, 50)).toBeLessThan(heights(lines, 20));
  expect(lines.at(-2)).toMatch(/^ +day 1 +day 3 +day 5$/);
  expect(lines.at(-1)).toBe('━ sold');
});

test('slopes between few values, instead of stepping', () => {
  const rising = chart([0, 100]).filter((line) => /[┏┛━]/.test(line.slice(4)));
  expect(rising.length).toBeGreaterThan(6);
});

test('bridges NULLs, and says when there is nothing else', () => {
  expect(chart([1, undefined, 3]).length).toBeGreaterThan(5);
  expect(chart([undefined])).toEqual(['(nothing to draw: all values are NULL)']);
});

test('fits into the terminal, with one value and with a thousand', () => {
  for (const values of [[5], [7, 7], [-1e12, 1e12], Array.from({ length: 1000 }, (_, at) => Math.sin(at / 50))]) {
    for (const line of chart(values, 70)) expect(stringWidth(line)).toBeLessThanOrEqual(70);
  }
});

test.each([
  [
    [3, 37],
    [0, 10, 20, 30, 40],
  ],
  [
    [0.1, 0.3],
    [0.1, 0.15, 0.2, 0.25, 0.3],
  ],
  [
    [-5, 12],
    [-5, 0, 5, 10, 15],
  ],
  [[8], [0, 2, 4, 6, 8]],
  [[0], [0, 0.5]],
])('puts round numbers on the axis of %o', (values, ticks) => {
  expect(axisOf(values).ticks).toEqual(ticks);
});
