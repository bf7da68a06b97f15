import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantile } from './quantile.ts';

const INFINITE = Number.POSITIVE_INFINITY;

test('nothing counted has no quantile', () => {
  expect(quantile([], 0.5)).toBeNull();
  expect(quantile([[INFINITE, 0]], 0.5)).toBeNull();
});

test('is estimated as evenly spread within its bucket', () => {
  const buckets = [
    [1, 10],
    [2, 30],
    [INFINITE, 40],
  ] as const;
  expect(quantile(buckets, 0.25)).toBe(1);
  expect(quantile(buckets, 0.5)).toBe(1.5);
});

test('above the largest limit it is that limit', () => {
  const buckets = [
    [1, 1],
    [INFINITE, 100],
  ] as const;
  expect(quantile(buckets, 0.95)).toBe(1);
});

test('lies in the bucket of the value that it stands for', () => {
  const limits = [1, 2, 5, 10, 100];
  const values = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (sample, q) => {
      const buckets = [...limits, INFINITE].map((limit) => [limit, sample.filter((v) => v <= limit).length] as const);
      const exact = sample.toSorted((a, b) => a - b)[Math.ceil(q * sample.length) - 1] as number;
      const upper = limits.find((limit) => exact <= limit) as number;
      const estimate = quantile(buckets, q) as number;
      expect(estimate).toBeLessThanOrEqual(upper);
      expect(estimate).toBeGreaterThanOrEqual(limits[limits.indexOf(upper) - 1] ?? 0);
    }),
  );
});
