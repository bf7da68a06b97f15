import { expect, test } from 'vitest';
import { reverseString } from './reverse-string.ts';

const { parameters } = reverseString;

test.each([
  ['one character', 'a'],
  ['white space', ' \n'],
  ['100,000 characters', 'a'.repeat(100_000)],
  ['100,000 characters outside of the basic plane, of two code units each', '🎈'.repeat(100_000)],
  ['a lone surrogate', '\ud83d'],
])('accepts %s', (_, text) => {
  expect(parameters.parse({ text })).toEqual({ text });
});

test.each([
  ['an empty text', ''],
  ['100,001 characters', 'a'.repeat(100_001)],
  ['100,001 characters outside of the basic plane', '🎈'.repeat(100_001)],
  ['100,001 characters of both kinds', `${'🎈'.repeat(50_000)}${'a'.repeat(50_001)}`],
])('refuses %s', (_, text) => {
  expect(parameters.safeParse({ text }).error?.issues).toEqual([
    expect.objectContaining({
      path: ['text'],
      message: expect.stringMatching(/must (not be empty|have at most 100000)/),
    }),
  ]);
});

test.each([{}, { text: 5 }, { text: null }, { text: 'a', texts: 'b' }, []])('refuses %j', (value) => {
  expect(parameters.safeParse(value).success).toBe(false);
});
