import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { plain } from './paint.ts';
import { tableLines } from './table.ts';

function table(columns: Record<string, string>, rows: readonly object[], width?: number): string[] {
  return tableLines({
    columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    rows: rows as never,
    width,
    paint: (style, text) => (style === 'dim' && text.trim() === 'NULL' ? text.replace('NULL', 'null') : text),
  });
}

test('aligns texts to the left and numbers to the right, also numbers that travel as texts', () => {
  const rows = [
    { city: 'Bern', people: 140_000, price: '1.10', big: 7 },
    { city: 'Graz', people: null, price: '12.00', big: '9007199254740993' },
  ];
  const columns = { city: 'VARCHAR', people: 'int8', price: 'DECIMAL(10,2)', big: 'bigint' };
  expect(table({ ...columns, people: 'INTEGER' }, rows)).toEqual([
    'city  people  price               big',
    'Bern  140000   1.10                 7',
    'Graz    null  12.00  9007199254740993',
  ]);
});

test('measures wide characters, emoji and accents as a terminal does', () => {
  const lines = table({ name: 'VARCHAR', after: 'VARCHAR' }, [
    { name: '東京', after: '|' },
    { name: '👨‍👩‍👧', after: '|' },
    { name: 'e\u0301', after: '|' },
    { name: 'long', after: '|' },
  ]);
  for (const line of lines.slice(1)) expect(stringWidth(line)).toBe('long  |'.length);
});

test('lets nothing in a value steer the terminal, or break the line', () => {
  expect(table({ 'a\u001b[2J': 'VARCHAR' }, [{ 'a\u001b[2J': 'x\u001b[31my\nz\t\u202eq\u0085' }])).toEqual([
    'a\\u001b[2J',
    'x\\u001b[31my\\nz\\t\\u202eq\\u0085',
  ]);
});

test('writes nested values as JSON, and tells NULL from an empty text', () => {
  const rows = [{ v: { a: [1, 'x'] } }, { v: '' }, { v: null }, { v: false }];
  expect(table({ v: 'JSON' }, rows)).toEqual(['v', '{"a":[1,"x"]}', '', 'null', 'false']);
});

test('cuts the widest columns first', () => {
  expect(table({ id: 'INTEGER', story: 'VARCHAR' }, [{ id: 12, story: 'once upon a time' }], 15)).toEqual([
    'id  story',
    '12  once upon …',
  ]);
});

test('names the columns for which there is no room', () => {
  const columns = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`column_${at}`, 'VARCHAR']));
  const lines = table(columns, [Object.fromEntries(Object.keys(columns).map((name) => [name, 'x'.repeat(20)]))], 50);
  expect(lines).toHaveLength(3);
  expect(lines[2]).toBe('and 4 more columns: column_5, column_6, column_7,…');
});

test('never writes a line that is wider than the terminal', () => {
  const cell = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.double(), fc.constant(null));
  const given = fc.record({
    cells: fc.array(cell, { minLength: 1, maxLength: 12 }),
    width: fc.integer({ min: 20, max: 120 }),
  });
  fc.assert(
    fc.property(given, ({ cells, width }) => {
      const columns = cells.map((_, at) => ({ name: `c${at}`, type: 'VARCHAR' }));
      const row = Object.fromEntries(cells.map((value, at) => [`c${at}`, value]));
      for (const line of tableLines({ columns, rows: [row], width, paint: plain })) {
        expect(stringWidth(line)).toBeLessThanOrEqual(width);
        expect(line).not.toContain('\n');
      }
    }),
  );
});
