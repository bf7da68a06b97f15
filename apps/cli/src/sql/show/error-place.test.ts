import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { startOf } from '../ask/query.ts';
import { placeLines } from './error-place.ts';

function place(text: string, position: number, width = 80): string[] {
  return placeLines({ name: 'q', text }, position, width);
}

test('points at the character, in the line and the file that hold it', () => {
  const text = '\n\nselect a,\n\tb from nowhere\nwhere c';
  const position = text.trim().indexOf('nowhere');
  expect(placeLines({ name: 'q', text, file: 'a/q.sql' }, position, 80)).toEqual([
    '  a/q.sql, line 4',
    '   b from nowhere',
    '          ^',
  ]);
});

test('counts wide characters as a terminal shows them', () => {
  const [, line, caret] = place("select '東京' frm t", "select '東京' ".length);
  expect(line).toBe("  select '東京' frm t");
  expect(caret).toBe('                ^');
});

test('points behind the end when the text ends too early', () => {
  expect(place('select (', 8)).toEqual(['  line 1', '  select (', '          ^']);
});

test('shows a long line around the place', () => {
  const [, line = '', caret = ''] = place(`select ${'a, '.repeat(200)} oops, ${'b, '.repeat(200)}`, 608, 60);
  expect(line.length).toBeLessThanOrEqual(60);
  expect(line.slice(caret.indexOf('^')).startsWith('oops')).toBe(true);
  expect(line).toMatch(/^ {2}….*…$/);
});

test('always points at the character that is meant', () => {
  const given = fc.record({
    lines: fc.array(fc.string({ maxLength: 150 }), { minLength: 1 }),
    at: fc.nat(),
    width: fc.integer({ min: 20, max: 120 }),
  });
  fc.assert(
    fc.property(given, ({ lines, at, width }) => {
      const text = lines.map((line) => line.replaceAll(/\s/g, '_')).join('\n');
      const query = { name: 'q', text };
      const length = text.length - startOf(query);
      fc.pre(length > 0);
      const position = at % length;
      const meant = text[startOf(query) + position];
      fc.pre(meant !== '\n');
      const [, line = '', caret = ''] = placeLines(query, position, width);
      expect(line[caret.indexOf('^')]).toBe(meant);
      expect(stringWidth(line)).toBeLessThanOrEqual(width);
    }),
  );
});
