import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { plain } from '../show/paint.ts';
import { axisOf } from './axis.ts';
import { lineChart } from './line-chart.ts';

function chart(values: readonly (number | undefined)[], width = 60): string[] {
  const labels = values.map((_, at) => `day ${at + 1}`);
  const texts = values.map((value) => (value === undefined ? 'NULL' : String(value)));
  return lineChart({ data: { labels, series: [{ name: 'sold', values: [...values], texts }] }, width, paint: plain });
}

/** The height of a line in a column of the drawing: lines of text from the top. */
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
  const nan = { name: 'n', values: [undefined, undefined], texts: ['NaN', 'NULL'] };
  const lines = lineChart({ data: { labels: ['a', 'b'], series: [nan] }, width: 60, paint: plain });
  expect(lines).toEqual(['(nothing to draw: no value is a finite number)']);
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

test.each([
  [[10_000_000, 10_005_000], '10M 10.002M 10.004M 10.006M'],
  [[0, 5e6], '0 2,000,000 4,000,000 6,000,000'],
  [[-3e9, 5e9], '-4B -2B 0 2B 4B 6B'],
  [[1e300, 2e300], '1E300 1.5E300 2E300'],
  [[1e-300, 2e-300], '1E-300 1.5E-300 2E-300'],
  [[1e308, -1e308], '-1E308 -5E307 0 5E307 1E308'],
  [[123_456_789.123, 123_456_789.125], '123,456,789.123 123,456,789.124 123,456,789.125'],
])('labels the axis of %o so that no two are the same', (values, labels) => {
  expect(axisOf(values).labels.join(' ')).toBe(labels);
});

test('has an axis for any numbers: all lie on it, its labels differ and are short', () => {
  const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 });
  fc.assert(
    fc.property(numbers, (values) => {
      const { labels, heightOf } = axisOf(values);
      expect(new Set(labels).size).toBe(labels.length);
      expect(labels.length).toBeLessThan(9);
      for (const label of labels) expect(label.length).toBeLessThan(30);
      for (const value of values) {
        expect(heightOf(value)).toBeGreaterThanOrEqual(-0.001);
        expect(heightOf(value)).toBeLessThanOrEqual(labels.length - 1 + 0.001);
      }
    }),
  );
});

test.each([[[1e308, -1e308]], [[1e-300, 2e-300]], [[5e-324, 1e-323]]])('draws a line through %o', (values) => {
  expect(chart(values).filter((line) => /[━┏┓┗┛┃]/.test(line.slice(10)))).not.toEqual([]);
});
