import { lightTasks } from '@taskwire/tasks';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { backoffMs } from './backoff.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

function taskWith(delayMs: number, maxDelayMs: number) {
  return { ...lightTasks[0], backoff: { delayMs, maxDelayMs } };
}

test('doubles the wait with each failed attempt, up to the most', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  const waits = [1, 2, 3, 4, 5, 6, 99].map((failed) => backoffMs(taskWith(1000, 10_000), failed));
  expect(waits).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
});

test('takes off up to a fifth, so that retries spread out', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999_999);
  expect(backoffMs(taskWith(1000, 10_000), 1)).toBe(800);
});

test('is a whole number of milliseconds within its bounds', () => {
  const bounds = [fc.nat(1_000_000), fc.nat(1_000_000), fc.integer({ min: 1, max: 100 })] as const;
  fc.assert(
    fc.property(...bounds, (delayMs, maxDelayMs, failed) => {
      const wait = backoffMs(taskWith(delayMs, maxDelayMs), failed);
      const full = Math.min(delayMs * 2 ** (failed - 1), maxDelayMs);
      expect(Number.isSafeInteger(wait)).toBe(true);
      expect(wait).toBeGreaterThanOrEqual(Math.floor(full * 0.8));
      expect(wait).toBeLessThanOrEqual(full);
    }),
  );
});
