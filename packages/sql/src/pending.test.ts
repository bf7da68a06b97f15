import { expect, test } from 'vitest';
import { Pending } from './pending.ts';

test('waits for all work, also for what fails and for what is added meanwhile', async () => {
  const pending = new Pending();
  const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<void>()];
  pending.add(first.promise);
  let hasEnded = false;
  const ended = pending.ended().then(() => {
    hasEnded = true;
  });
  pending.add(second.promise);
  first.reject(new Error('no such table'));
  await new Promise(setImmediate);
  expect(hasEnded).toBe(false);
  second.resolve();
  await ended;
});

test('has ended when there was no work', async () => {
  await new Pending().ended();
});
