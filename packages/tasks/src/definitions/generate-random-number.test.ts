import { expect, test } from 'vitest';
import { generateRandomNumber } from './generate-random-number.ts';

const { parameters, result } = generateRandomNumber;
const MAX = Number.MAX_SAFE_INTEGER;

test('draws from 1 to 100 unless told otherwise', () => {
  expect(parameters.parse({})).toEqual({ min_value: 1, max_value: 100 });
});

test.each([
  [5, 5],
  [-10, -1],
  [MAX, MAX],
  [-MAX, -MAX],
  [1, 999_999_999_999_999],
  [-MAX, MAX],
])('accepts the range %d to %d', (min_value, max_value) => {
  expect(parameters.parse({ min_value, max_value })).toEqual({ min_value, max_value });
});

test.each([
  [{ min_value: 2, max_value: 1 }, ['min_value'], 'must not be above max_value (2 > 1)'],
  [{ min_value: 101 }, ['min_value'], 'must not be above max_value (101 > 100)'],
  [{ max_value: 0 }, ['min_value'], 'must not be above max_value (1 > 0)'],
])('refuses %j', (value, path, message) => {
  expect(parameters.safeParse(value).error?.issues).toEqual([expect.objectContaining({ path, message })]);
});

test.each([
  { min_value: 1.5 },
  { min_value: '1' },
  { max_value: 5.9 },
  { max_value: 2 ** 53 },
  { max_value: null },
  { max: 5 },
  [],
])('refuses %j: it takes two integers and nothing else', (value) => {
  expect(parameters.safeParse(value).success).toBe(false);
});

test('returns one integer', () => {
  expect(result.safeParse({ number: 5 }).success).toBe(true);
  expect(result.safeParse({ number: 5.5 }).success).toBe(false);
});
