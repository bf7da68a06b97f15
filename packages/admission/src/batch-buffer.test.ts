import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { BatchBuffer } from './batch-buffer.ts';

const MIB = 1024 * 1024;

/** Counted for each message beside its bytes, so that empty ones are bounded too. */
const OVERHEAD = 128;

/** A buffer whose batches the test lets through one by one, or at once. */
function bufferWith({ maxBatchMessages = 500, maxBufferedBytes = 64 * MIB, holdBatches = false } = {}) {
  const batches: string[][] = [];
  const overflowed: string[] = [];
  let gate = Promise.withResolvers<void>();
  const buffer = new BatchBuffer<Buffer>({
    maxBatchMessages,
    maxBufferedBytes,
    sizeOf: ({ length }) => length,
    process: async (batch) => {
      batches.push(batch.map((message) => message.toString()));
      if (holdBatches) await gate.promise;
    },
    overflow: (message) => void overflowed.push(message.toString()),
  });
  const push = (...texts: string[]) => {
    for (const text of texts) buffer.push(Buffer.from(text));
  };
  const release = async () => {
    gate.resolve();
    gate = Promise.withResolvers();
    await turn();
  };
  return { buffer, batches, overflowed, push, release };
}

test('what arrives in one turn of the event loop is one batch, in order', async () => {
  const { buffer, batches, push } = bufferWith();
  push('a', 'b');
  push('c');
  expect(batches).toEqual([]);
  await buffer.drained();
  expect(batches).toEqual([['a', 'b', 'c']]);
});

test('what arrives in a later turn is another one', async () => {
  const { buffer, batches, push } = bufferWith();
  push('a');
  await buffer.drained();
  push('b');
  await buffer.drained();
  expect(batches).toEqual([['a'], ['b']]);
});

test('what arrives while a batch is processed waits, and then goes together', async () => {
  const { buffer, batches, push, release } = bufferWith({ holdBatches: true });
  push('a');
  await turn();
  push('b');
  await turn();
  push('c');
  await turn();
  expect(batches).toEqual([['a']]);
  await release();
  expect(batches).toEqual([['a'], ['b', 'c']]);
  await release();
  await buffer.drained();
});

test('a batch has no more messages than it may, and none is lost or changes its place', async () => {
  const { buffer, batches, push } = bufferWith({ maxBatchMessages: 3 });
  const messages = Array.from({ length: 8 }, (_, index) => String(index));
  push(...messages);
  await buffer.drained();
  expect(batches.map(({ length }) => length)).toEqual([3, 3, 2]);
  expect(batches.flat()).toEqual(messages);
});

test('a batch of large messages is kept small', async () => {
  const { buffer, batches, push } = bufferWith();
  const large = 'x'.repeat(MIB);
  push(...Array.from({ length: 10 }, () => large));
  await buffer.drained();
  expect(batches.map(({ length }) => length)).toEqual([4, 4, 2]);
});

test('a message that is larger than a batch goes by itself', async () => {
  const { buffer, batches, push } = bufferWith();
  push('small', 'x'.repeat(5 * MIB), 'small');
  await buffer.drained();
  expect(batches.map((batch) => batch.map(({ length }) => length))).toEqual([[5], [5 * MIB], [5]]);
});

test('hands back what it has no room for, and takes what fits', async () => {
  const { buffer, batches, overflowed, push } = bufferWith({ maxBufferedBytes: 3 * OVERHEAD + 10 });
  push('12345', '67890', 'x', '', '');
  expect(overflowed).toEqual(['x', '']);
  await buffer.drained();
  expect(batches).toEqual([['12345', '67890', '']]);
});

test('has room again when a batch is under way', async () => {
  const { buffer, batches, overflowed, push, release } = bufferWith({
    maxBufferedBytes: OVERHEAD + 10,
    holdBatches: true,
  });
  push('1234567890');
  await turn();
  push('abcdefghij', 'x');
  expect(overflowed).toEqual(['x']);
  await release();
  push('again');
  await release();
  await release();
  await buffer.drained();
  expect(batches).toEqual([['1234567890'], ['abcdefghij'], ['again']]);
  expect(overflowed).toEqual(['x']);
});

test('is drained only when the last batch is processed', async () => {
  const { buffer, push, release } = bufferWith({ maxBatchMessages: 1, holdBatches: true });
  let drained = false;
  push('a', 'b');
  const draining = buffer.drained().then(() => {
    drained = true;
  });
  await turn();
  await release();
  expect(drained).toBe(false);
  await release();
  await draining;
  expect(drained).toBe(true);
});

test('is drained at once when there is nothing', async () => {
  await bufferWith().buffer.drained();
});
