import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoDate, isoDuration, isoOffset, isoTime, isoTimestamp } from './iso-8601.ts';

const DAYS_OF_JAVASCRIPT = 100_000_000;

describe('ISO 8601', () => {
  test('writes dates as JavaScript does, as far as it goes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -DAYS_OF_JAVASCRIPT, max: DAYS_OF_JAVASCRIPT }), (days) => {
        expect(isoDate(days)).toBe(new Date(days * 86_400_000).toISOString().split('T')[0]);
      }),
    );
  });

  test('writes dates beyond those of JavaScript', () => {
    expect(isoDate(2 ** 31 - 2)).toBe('+5881580-07-10');
    expect(isoDate(-(2 ** 31) + 2)).toBe('-5877641-06-25');
  });

  test('writes timestamps as JavaScript does, but without zeros at the end', () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        const expected = date.toISOString().replace(/\.?0*Z$/, '');
        expect(isoTimestamp(BigInt(date.getTime()), 3)).toBe(expected);
        expect(isoTimestamp(BigInt(date.getTime()) * 1000n, 6)).toBe(expected);
      }),
    );
  });

  test('keeps microseconds and nanoseconds, also before 1970', () => {
    expect(isoTimestamp(-1n, 6)).toBe('1969-12-31T23:59:59.999999');
    expect(isoTimestamp(1n, 9)).toBe('1970-01-01T00:00:00.000000001');
    expect(isoTime(86_399_000_001n, 6)).toBe('23:59:59.000001');
  });

  test.each([
    [0, 'Z'],
    [19_800, '+05:30'],
    [-3600, '-01:00'],
    [-57_599, '-15:59:59'],
  ])('writes the offset of %i seconds as %s', (seconds, text) => {
    expect(isoOffset(seconds)).toBe(text);
  });

  test.each([
    [0, 0, 0n, 'PT0S'],
    [14, -3, 14_706_789_000n, 'P1Y2M-3DT4H5M6.789S'],
    [-13, 0, 0n, 'P-1Y-1M'],
    [0, 0, -1n, 'PT-0.000001S'],
    [0, 0, -3_600_000_000n, 'PT-1H'],
    [0, 1, 360_000_000_000n, 'P1DT100H'],
  ])('writes %i months, %i days and %d microseconds as %s', (months, days, micros, text) => {
    expect(isoDuration({ months, days, micros })).toBe(text);
  });
});
