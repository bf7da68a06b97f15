import { expect, test } from 'vitest';
import { RestartDelay } from './restart-delay.ts';

test('doubles with each crash in a row, up to half a minute', () => {
  const restartDelay = new RestartDelay();
  const delays = Array.from({ length: 9 }, () => restartDelay.next(1000));
  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test('begins anew with a process that had run well for a minute', () => {
  const restartDelay = new RestartDelay();
  const delays = [0, 59_999, 60_000, 0].map((livedMs) => restartDelay.next(livedMs));
  expect(delays).toEqual([500, 1000, 500, 1000]);
});
