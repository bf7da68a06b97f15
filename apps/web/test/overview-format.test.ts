import { expect, test } from 'vitest';
import { pageModule } from './overview-page-module.ts';

const { formatAgo, formatBytes, formatCount, formatCounted, formatDuration, shortened } =
  await pageModule('shared/format');

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Numbers and units are joined by spaces that do not break. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  [0, '0 ms'],
  [0.4, '0 ms'],
  [12.6, '13 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [1234, '1.2 s'],
  [9960, '10 s'],
  [48 * SECOND, '48 s'],
  [59.6 * SECOND, '1 min'],
  [200 * SECOND, '3 min 20 s'],
  [HOUR - 1, '1 h'],
  [2 * HOUR + 5 * MINUTE, '2 h 5 min'],
  [DAY - 1, '1 d'],
  [3 * DAY + 4 * HOUR + 59 * MINUTE, '3 d 4 h'],
  [1500 * DAY, '1,500 d'],
])('shows %d ms as %s', (ms, shown) => {
  expect(plain(formatDuration(ms))).toBe(shown);
});

test.each([
  [-300, 'just now'],
  [1400, 'just now'],
  [1500, '1 s ago'],
  [MINUTE - 1, '59 s ago'],
  [MINUTE, '1 min ago'],
  [HOUR, '1 h ago'],
  [DAY, '1 d ago'],
])('shows what was %d ms ago as %s', (ms, shown) => {
  expect(plain(formatAgo(ms))).toBe(shown);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [12_345_678, '12.3 MB'],
  [2_000_000_000_000, '2 TB'],
  [5e15, '5,000 TB'],
])('shows %d bytes as %s', (bytes, shown) => {
  expect(plain(formatBytes(bytes))).toBe(shown);
});

test('counts with groups of digits, and one of a thing as one', () => {
  expect(formatCount(1204)).toBe('1,204');
  expect(plain(formatCounted(1, 'task'))).toBe('1 task');
  expect(plain(formatCounted(1204, 'task'))).toBe('1,204 tasks');
});

test('shortens a text that is too long, never within a character', () => {
  expect(shortened('abc', 3)).toBe('abc');
  expect(shortened('abcd', 3)).toBe('ab…');
  expect(shortened('🎈🎈🎈', 3)).toBe('🎈🎈🎈');
  expect(shortened('🎈🎈🎈🎈', 3)).toBe('🎈🎈…');
  expect(shortened('🎈'.repeat(100_000), 300)).toHaveLength(2 * 299 + 1);
});
