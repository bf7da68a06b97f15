import type { JsonObject } from '@taskwire/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { showRows } from './rows.ts';
import { tokensIn } from './tokens.ts';

const columns = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `c${i}`, type: 'VARCHAR' }));
const row = (count: number, value: string): JsonObject =>
  Object.fromEntries(columns(count).map(({ name }) => [name, value]));

test('shows rows as lists below the columns, exactly', () => {
  const { text, rows } = showRows(columns(2), [{ c0: 'a"b', c1: null }], 1000);
  expect(text).toBe('["c0 VARCHAR","c1 VARCHAR"]\n["a\\"b",null]');
  expect(rows).toBe(1);
});

test('cuts long values so that a few rows fit, and says how long they are', () => {
  const { text, rows } = showRows(columns(6), Array(100).fill(row(6, 'word '.repeat(2000))), 1000);
  expect(rows).toBeGreaterThanOrEqual(5);
  expect(text).toContain('… (10000 characters)');
});

test('leaves out columns of a table that is too wide, and says how many', () => {
  const { text, rows } = showRows(columns(2000), Array(3).fill(row(2000, 'value')), 1000);
  expect(rows).toBeGreaterThan(0);
  expect(text).toMatch(/\(and \d+ more columns: select fewer\)/);
});

test('never takes more than it may, whatever comes', () => {
  const wide = fc.integer({ min: 1, max: 300 });
  const value = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3000 }), fc.double(), fc.constant(null));
  fc.assert(
    fc.property(wide, value, fc.integer({ min: 1, max: 200 }), (width, cell, count) => {
      const rows = Array(count).fill(Object.fromEntries(columns(width).map(({ name }) => [name, cell])));
      expect(tokensIn(showRows(columns(width), rows, 500).text)).toBeLessThanOrEqual(520);
    }),
    { numRuns: 60 },
  );
});
