import { expect, test } from 'vitest';
import { pointInTime } from './relative-time.ts';

const now = new Date(2026, 10, 2, 14, 30);

test.each([
  ['30m', new Date(2026, 10, 2, 14, 0)],
  ['2h', new Date(2026, 10, 2, 12, 30)],
  ['today', new Date(2026, 10, 2)],
  ['yesterday', new Date(2026, 10, 1)],
  ['2026-11-01', new Date(2026, 10, 1)],
  ['2026-11-01T10:00', new Date(2026, 10, 1, 10)],
  ['2026-11-01T10:00:00.500Z', new Date('2026-11-01T10:00:00.500Z')],
])('%s is a point in time', (text, expected) => {
  expect(new Date(pointInTime(text, now) ?? Number.NaN)).toEqual(expected);
});

test.each(['', '2x', 'tomorrow', '7', '2026-13-01', '2026-02-30', '-2h', 'Mon'])('%s is none', (text) => {
  expect(pointInTime(text, now)).toBeUndefined();
});
