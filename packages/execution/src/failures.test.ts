import { expect, test } from 'vitest';
import { resultTooLarge, workerLost } from './failures.ts';

test('a result that is too large is told with both sizes, and the setting', () => {
  expect(resultTooLarge(2048, 1024)).toMatchObject({
    code: 'result_too_large',
    error: expect.stringMatching(/2048 bytes.*1024.*results\.max_bytes/),
    retryable: false,
  });
});

test('a task that loses its workers is told how often it did', () => {
  expect(workerLost(2)).toMatchObject({
    code: 'worker_lost',
    error: expect.stringContaining('2 times'),
    retryable: false,
  });
});
test('a result too large to be measured is refused without a made-up size', () => {
  expect(resultTooLarge(undefined, 1024).error).toBe(
    'The result has more than 500 million bytes; at most 1024 are allowed (results.max_bytes)',
  );
});
