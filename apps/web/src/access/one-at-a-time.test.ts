import { expect, test } from 'vitest';
import { oneAtATime } from './one-at-a-time.ts';

test('runs one computation at a time, in the order of arrival, and goes on after one that fails', async () => {
  const inTurn = oneAtATime();
  const started: number[] = [];
  const ends = [0, 1, 2].map(() => Promise.withResolvers<number>());
  const [first, second, third] = ends.map(({ promise }, index) =>
    inTurn(() => {
      started.push(index);
      return promise;
    }),
  );
  await Promise.resolve();
  expect(started).toEqual([0]);
  ends[0]?.reject(new Error('broken'));
  await expect(first).rejects.toThrow('broken');
  expect(started).toEqual([0, 1]);
  ends[1]?.resolve(1);
  ends[2]?.resolve(2);
  expect(await Promise.all([second, third])).toEqual([1, 2]);
});

test('is busy when too many wait, and free again when they are done', async () => {
  const inTurn = oneAtATime();
  const { promise, resolve } = Promise.withResolvers<string>();
  const running = Array.from({ length: 21 }, () => inTurn(() => promise));
  expect(await inTurn(async () => 'late')).toBe('busy');
  resolve('done');
  await Promise.all(running);
  expect(await inTurn(async () => 'free')).toBe('free');
});
