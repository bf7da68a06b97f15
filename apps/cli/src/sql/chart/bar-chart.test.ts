import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { plain } from '../show/paint.ts';
import { barChart } from './bar-chart.ts';

function chart(
  labels: readonly string[],
  numbers: Record<string, readonly (number | undefined)[]>,
  width = 40,
): string[] {
  const series = Object.entries(numbers).map(([name, values]) => ({
    name,
    values: [...values],
    texts: values.map((value) => (value === undefined ? 'NULL' : String(value))),
  }));
  return barChart({ data: { labels: [...labels], series }, width, paint: plain });
}

test('draws bars as long as their values, to an eighth of a column', () => {
  expect(chart(['Nord', 'Süd', '東京', 'West'], { n: [16, 8, 1, undefined] }, 28)).toEqual([
    'Nord  ████████████████    16',
    'Süd   ████████             8',
    '東京  █                    1',
    'West                    NULL',
  ]);
  expect(chart(['a', 'b'], { n: [64, 3] }, 15)).toEqual(['a  ████████  64', 'b  ▍          3']);
});

test('draws negative values to the left of a common zero', () => {
  expect(chart(['a', 'b', 'c'], { n: [10, -10, 0] }, 30)).toEqual([
    `a  ${' '.repeat(11)}${'█'.repeat(11)}   10`,
    `b  ${'█'.repeat(11)}${' '.repeat(11)}  -10`,
    `c  ${' '.repeat(22)}    0`,
  ]);
});

test('shows what is small, but not 0', () => {
  const [, small = '', none = ''] = chart(['a', 'b', 'c'], { n: [1e9, 1, 0] });
  expect(small).toContain('▏');
  expect(none).toMatch(/^c +0$/);
});

test('names series when there are several, each with its own bar', () => {
  const lines = chart(['x', 'y'], { sold: [1, 2], left: [4, 0] });
  expect(lines.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
    ['x', 'sold'],
    ['', 'left'],
    ['y', 'sold'],
    ['', 'left'],
  ]);
});

test('draws the first 40, and says that there are more', () => {
  const labels = Array.from({ length: 1000 }, (_, at) => `row ${at}`);
  const lines = chart(labels, { n: labels.map((_, at) => at) });
  expect(lines).toHaveLength(41);
  expect(lines[40]).toBe('the first 40 of 1,000 rows');
});

test('fits every chart into the terminal, whatever the values', () => {
  const rows = fc.array(
    fc.tuple(fc.string({ unit: 'grapheme' }), fc.double({ noNaN: true, noDefaultInfinity: true })),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(rows, fc.integer({ min: 40, max: 120 }), (given, width) => {
      const [labels, values] = [
        given.map(([label]) => label.replaceAll(/\p{C}|\p{Z}/gu, '_')),
        given.map(([, value]) => value),
      ];
      for (const line of chart(labels, { n: values }, width)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});
