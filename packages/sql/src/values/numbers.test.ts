import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bigintToJson, doubleToJson, floatToJson } from './numbers.ts';

describe('numbers in JSON', () => {
  test.each([
    [2n ** 53n - 1n, 9007199254740991],
    [2n ** 53n, '9007199254740992'],
    [1n - 2n ** 53n, -9007199254740991],
    [-(2n ** 53n), '-9007199254740992'],
    [0n, 0],
  ])('writes the integer %s as %j', (integer, json) => {
    expect(bigintToJson(integer)).toBe(json);
  });

  test('writes what JSON has no number for', () => {
    expect([Number.NaN, Infinity, -Infinity, -0].map(doubleToJson)).toEqual(['NaN', 'Infinity', '-Infinity', 0]);
    expect([Number.NaN, Infinity, -Infinity, -0].map(floatToJson)).toEqual(['NaN', 'Infinity', '-Infinity', 0]);
  });

  test('writes no more digits of a float than tell it from its neighbours', () => {
    expect([0.1, 16777216, 1e-45, 3.4028235e38].map(Math.fround).map(floatToJson)).toEqual([
      0.1, 16777216, 1e-45, 3.4028235e38,
    ]);
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (float) => {
        expect(Math.fround(Number(floatToJson(float)))).toBe(float + 0);
      }),
    );
  });
});
