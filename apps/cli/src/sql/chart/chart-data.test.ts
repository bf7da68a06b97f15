import { expect, test } from 'vitest';
import { chartData } from './chart-data.ts';

function columns(types: Record<string, string>) {
  return Object.entries(types).map(([name, type]) => ({ name, type }));
}

test('takes labels from the columns without numbers, and counts decimals as numbers', () => {
  const rows = [
    { total: '1.10', day: '2026-01-01', big: '9007199254740993', note: 'x' },
    { total: null, day: '2026-01-02', big: 'NaN', note: 'y' },
  ];
  expect(chartData(columns({ total: 'DECIMAL(10,2)', day: 'DATE', big: 'HUGEINT', note: 'text' }), rows)).toEqual({
    labels: ['2026-01-01 / x', '2026-01-02 / y'],
    series: [
      { name: 'total', values: [1.1, undefined], texts: ['1.10', 'NULL'] },
      { name: 'big', values: [9007199254740992, undefined], texts: ['9007199254740993', 'NaN'] },
    ],
  });
});

test('a text that looks like a number stays a text', () => {
  expect(chartData(columns({ zip: 'VARCHAR' }), [{ zip: '8010' }])).toBeUndefined();
});

test('without a text, the first number is the label, as a year; a number alone gets the row number', () => {
  const rows = [
    { year: 2025, n: 1.5 },
    { year: 2026, n: 2.5 },
  ];
  expect(chartData(columns({ year: 'INTEGER', n: 'DOUBLE' }), rows)?.labels).toEqual(['2025', '2026']);
  expect(chartData(columns({ n: 'DOUBLE' }), rows)).toMatchObject({ labels: ['1', '2'], series: [{ name: 'n' }] });
});
