import fc from 'fast-check';
import { expect, test } from 'vitest';
import { generateRandomNumber } from './generate-random-number.ts';

async function draw(min_value: number, max_value: number): Promise<number> {
  const { signal } = new AbortController();
  const parameters = { min_value, max_value };
  const context = {
    parameters,
    taskId: 't',
    attempt: 1,
    timeoutMs: 1000,
    signal,
    progress: () => undefined,
    log: () => undefined,
  };
  return (await generateRandomNumber(context)).number;
}

const MAX = Number.MAX_SAFE_INTEGER;
const WIDEST = 2 ** 48 - 2;

const ranges = fc
  .tuple(fc.maxSafeInteger(), fc.oneof(fc.nat(5), fc.integer({ min: 0, max: WIDEST })))
  .map(([min, width]): [number, number] => [Math.min(min, MAX - width), Math.min(min, MAX - width) + width]);

test('draws an integer from the range', async () => {
  await fc.assert(
    fc.asyncProperty(ranges, async ([min, max]) => {
      const number = await draw(min, max);
      expect(Number.isSafeInteger(number)).toBe(true);
      expect(number).toBeGreaterThanOrEqual(min);
      expect(number).toBeLessThanOrEqual(max);
    }),
  );
});

test.each([0, 1, -5, MAX, -MAX])('from %d to itself there is only one number', async (value) => {
  expect(await draw(value, value)).toBe(value);
});

test.each([
  [MAX - WIDEST, MAX],
  [-MAX, -MAX + WIDEST],
])('draws from the widest range, %d to %d', async (min, max) => {
  const number = await draw(min, max);
  expect(min <= number && number <= max).toBe(true);
});

test.each([
  [1, 3],
  [MAX - 2, MAX],
  [-MAX, -MAX + 2],
])('both ends of %d to %d come, and what is between them', async (min, max) => {
  // Misses one of three numbers once in 10^52 runs.
  const drawn = new Set(await Promise.all(Array.from({ length: 300 }, () => draw(min, max))));
  expect([...drawn].toSorted((a, b) => a - b)).toEqual([min, min + 1, max]);
});

test('prefers no number', async () => {
  const counts = new Map<number, number>();
  for (let round = 0; round < 6000; round += 1) {
    const number = await draw(1, 6);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  // 1000 each, give or take 29; eight times that comes by chance once in 10^14 runs.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(8 * 29);
  expect(counts.size).toBe(6);
});
