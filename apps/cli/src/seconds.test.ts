import { expect, test } from 'vitest';
import { secondsInMs } from './seconds.ts';

test.each([
  ['0', 0],
  ['1.5', 1500],
  ['.25', 250],
  ['2.', 2000],
  ['0.0001', 1],
  ['99999999', 99_999_999_000],
])('reads %s seconds', (text, ms) => {
  expect(secondsInMs('--wait', text)).toBe(ms);
});

test.each(['', ' ', '-1', '0x10', '1e3', '5s', 'Infinity', 'NaN', '1,5', '9'.repeat(400)])('refuses "%s"', (text) => {
  expect(() => secondsInMs('--wait', text)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: `--wait takes a number of seconds, from 0 up, not "${text}".`,
    }),
  );
});

test('names the range that an option has', () => {
  const range = { leastMs: 1, mostMs: 86_400_000 };
  expect(secondsInMs('--timeout', '86400', range)).toBe(86_400_000);
  for (const text of ['0', '86401']) {
    const sentence = `--timeout takes a number of seconds, from 0.001 to 86400, not "${text}".`;
    expect(() => secondsInMs('--timeout', text, range)).toThrow(sentence);
  }
});
