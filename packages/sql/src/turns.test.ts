import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

const { signal } = new AbortController();

test('lets so many in, and the others in their order', async () => {
  const turns = new Turns(2);
  const [first, second] = [await turns.take(signal), await turns.take(signal)];
  const order: string[] = [];
  const come = async (name: string) => {
    const turn = await turns.take(signal);
    order.push(name);
    return turn;
  };
  const third = come('third');
  const fourth = come('fourth');
  second[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  await fourth;
  first[Symbol.dispose]();
  expect(order).toEqual(['third', 'fourth']);
});

test('forgets who does not wait any more', async () => {
  const turns = new Turns(1);
  const first = await turns.take(signal);
  const abort = new AbortController();
  const given = expect(turns.take(abort.signal)).rejects.toThrow('enough');
  const third = turns.take(signal);
  abort.abort(new Error('enough'));
  await given;
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  await turns.take(signal);
  expect(turns.free).toBe(0);
});

test('passes on a turn that comes in the same moment as the abort', async () => {
  const turns = new Turns(1);
  const first = await turns.take(signal);
  const abort = new AbortController();
  const given = expect(turns.take(abort.signal)).rejects.toThrow('enough');
  const third = turns.take(signal);
  abort.abort(new Error('enough'));
  first[Symbol.dispose]();
  await given;
  (await third)[Symbol.dispose]();
  expect(turns.free).toBe(1);
});

test('lets some in at once, beyond the count, and nobody else before they are fewer again', async () => {
  const turns = new Turns(1);
  const first = await turns.take(signal);
  const beyond = turns.takeAtOnce();
  expect(turns.free).toBe(-1);
  let isIn = false;
  const third = turns.take(signal).then(() => {
    isIn = true;
  });
  first[Symbol.dispose]();
  await new Promise(setImmediate);
  expect(isIn).toBe(false);
  beyond[Symbol.dispose]();
  await third;
  expect(turns.free).toBe(0);
});
