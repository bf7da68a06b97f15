import { expect, test } from 'vitest';
import { LookQueue } from './look-queue.ts';

/** A queue whose files are read, and end, when the test says so. */
function setUp(concurrency: number) {
  const began: string[] = [];
  const steps = new Map<string, { read: () => void; end: () => void }>();
  const queue = new LookQueue({
    concurrency,
    take: (name, read) => {
      began.push(name);
      return new Promise((end) => steps.set(name, { read, end }));
    },
  });
  const end = async (name: string) => {
    steps.get(name)?.end();
    await new Promise(setImmediate);
  };
  return { queue, began, end, read: (name: string) => steps.get(name)?.read() };
}

test('reads so many files at a time, and the next when one is read, not only when it has ended', async () => {
  const { queue, began, read, end } = setUp(2);
  for (const name of ['a', 'b', 'c', 'd']) queue.look(name);
  expect(began).toEqual(['a', 'b']);
  read('b');
  expect(began).toEqual(['a', 'b', 'c']);
  read('b');
  expect(began).toEqual(['a', 'b', 'c']);
  await end('a');
  expect(began).toEqual(['a', 'b', 'c', 'd']);
});

test('looks at a file once more of which something was heard while it was taken, and never twice at a time', async () => {
  const { queue, began, end } = setUp(2);
  for (const name of ['a', 'a', 'a']) queue.look(name);
  expect(began).toEqual(['a']);
  await end('a');
  expect(began).toEqual(['a', 'a']);
  await end('a');
  expect(began).toEqual(['a', 'a']);
  expect(queue.has('a')).toBe(false);
});

test('takes nothing more when it is stopped, and has ended when all that was taken has', async () => {
  const { queue, began, end } = setUp(1);
  queue.look('a');
  queue.look('b');
  let ended = false;
  queue.stop();
  const ending = queue.ended().then(() => {
    ended = true;
  });
  queue.look('c');
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  await end('a');
  await ending;
  expect(began).toEqual(['a']);
});
