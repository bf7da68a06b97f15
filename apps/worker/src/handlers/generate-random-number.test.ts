import type { TaskContext } from '@taskwire/tasks';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { drawFrom, generateRandomNumber } from './generate-random-number.ts';

async function draw(min_value: number, max_value: number): Promise<number> {
  const parameters = { min_value, max_value };
  return (await generateRandomNumber({ parameters } as TaskContext<typeof parameters>)).number;
}

const MAX = Number.MAX_SAFE_INTEGER;

const ranges = fc
  .tuple(fc.maxSafeInteger(), fc.oneof(fc.nat(5), fc.maxSafeNat()))
  .map(([min, width]): [number, number] => [min, Math.min(min + width, MAX)]);

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
  [1, 3],
  [MAX - 2, MAX],
  [-MAX, -MAX + 2],
])('both ends of %d to %d come, and what is between them', async (min, max) => {
  // Misses one of three numbers once in 10^52 runs.
  const drawn = new Set(await Promise.all(Array.from({ length: 300 }, () => draw(min, max))));
  expect([...drawn].toSorted((a, b) => a - b)).toEqual([min, min + 1, max]);
});

test.each([
  [1, 6],
  [1, 999_999_999_999_999],
  [0, MAX],
  [-MAX, MAX],
])('prefers no part of %d to %d', async (min, max) => {
  const [draws, parts] = [30_000, 6];
  const counts = Array.from({ length: parts }, () => 0);
  for (let round = 0; round < draws; round += 1) {
    const part = Number(
      ((BigInt(await draw(min, max)) - BigInt(min)) * BigInt(parts)) / (BigInt(max) - BigInt(min) + 1n),
    );
    counts[part] = (counts[part] as number) + 1;
  }
  const chiSquare = counts.reduce((sum, count) => sum + (count - draws / parts) ** 2 / (draws / parts), 0);
  // With 5 degrees of freedom it is above 50.8 by chance once in 10^9 runs.
  expect(chiSquare).toBeLessThan(50.8);
});

test.each([
  [1, 3],
  [-MAX, MAX],
])('as many of the random numbers lead to each number from %d to %d', (min, max) => {
  const count = BigInt(max) - BigInt(min) + 1n;
  const limit = 2n ** 64n - (2n ** 64n % count);
  expect(drawFrom(min, max, () => 0n)).toBe(min);
  expect(drawFrom(min, max, () => count - 1n)).toBe(max);
  expect(drawFrom(min, max, () => count)).toBe(min);
  expect(drawFrom(min, max, () => limit - 1n)).toBe(max);
  // From there on not all numbers would have their turn.
  const random = [2n ** 64n - 1n, limit, 0n];
  expect(drawFrom(min, max, () => random.shift() as bigint)).toBe(min);
});
