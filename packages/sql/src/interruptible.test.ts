import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { interruptible } from './interruptible.ts';

/** Work in an engine that ends when the test says so. */
function engine() {
  const { promise: work, resolve, reject } = Promise.withResolvers<string>();
  const abort = new AbortController();
  return { work, resolve, reject, abort, signal: abort.signal };
}

test('passes on what the work returns, and leaves nothing on the signal', async () => {
  const { work, resolve, signal } = engine();
  const outcome = interruptible({ work, signal, interrupt: () => undefined });
  resolve('rows');
  await expect(outcome).resolves.toBe('rows');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('passes on what the work throws', async () => {
  const { work, reject, signal } = engine();
  reject(new Error('no such table'));
  await expect(interruptible({ work, signal, interrupt: () => undefined })).rejects.toThrow('no such table');
});

test("interrupts the work on abort, and rejects with the signal's reason rather than with the engine's", async () => {
  const { work, reject, abort, signal } = engine();
  const outcome = interruptible({ work, signal, interrupt: () => reject(new Error('Interrupted!')) });
  abort.abort(new Error('enough'));
  await expect(outcome).rejects.toThrow('enough');
});

test('interrupts again when the engine has not heard it', async () => {
  const { work, reject, abort, signal } = engine();
  let interrupts = 0;
  const interrupt = () => {
    interrupts += 1;
    if (interrupts === 3) reject(new Error('Interrupted!'));
  };
  const outcome = interruptible({ work, signal, interrupt });
  abort.abort(new Error('enough'));
  await expect(outcome).rejects.toThrow('enough');
  expect(interrupts).toBe(3);
});

test('rejects although the engine does not stop', async () => {
  const { work, abort, resolve, signal } = engine();
  const outcome = interruptible({ work, signal, interrupt: () => undefined });
  abort.abort(new Error('enough'));
  await expect(outcome).rejects.toThrow('enough');
  resolve('too late');
});

test('rejects when the abort came while the last row was on its way', async () => {
  const { work, resolve, abort, signal } = engine();
  const outcome = interruptible({ work, signal, interrupt: () => resolve('rows') });
  abort.abort(new Error('enough'));
  await expect(outcome).rejects.toThrow('enough');
});
