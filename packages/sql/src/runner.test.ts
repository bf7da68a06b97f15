import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Runner, type RunnerOptions } from './runner.ts';

/** A runner, and work in an engine that ends when the test says so. */
function engine(options: Partial<RunnerOptions> = {}) {
  const closed: string[] = [];
  const close = async () => {
    closed.push('closed');
  };
  const { promise: work, resolve, reject } = Promise.withResolvers<string>();
  const abort = new AbortController();
  return { runner: new Runner({ close, ...options }), closed, work, resolve, reject, abort, signal: abort.signal };
}

test('passes on what the work returns', async () => {
  const { runner, signal } = engine();
  await expect(runner.run({ work: async () => 'rows', signal })).resolves.toBe('rows');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('begins nothing for a signal that is aborted', async () => {
  const { runner } = engine();
  const work = () => expect.unreachable();
  await expect(runner.run({ work, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
});

test('tells the work, and interrupts it, when whoever asked has enough', async () => {
  const { runner, work, reject, abort, signal } = engine();
  let given: AbortSignal | undefined;
  const running = runner.run({
    signal,
    interrupt: () => reject(new Error('Interrupted!')),
    work: (either) => {
      given = either;
      return work;
    },
  });
  abort.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  expect(given?.reason).toEqual(new Error('enough'));
});

test('does not wait for work that has not heard the abort, but disposing does', async () => {
  const { runner, closed, work, resolve, abort, signal } = engine();
  const running = runner.run({ work: () => work, signal });
  abort.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  const disposed = runner[Symbol.asyncDispose]();
  await new Promise(setImmediate);
  expect(closed).toEqual([]);
  resolve('too late');
  await disposed;
  expect(closed).toEqual(['closed']);
});

test('cancels what runs when it is disposed, and begins nothing more', async () => {
  const { runner, work, reject, signal } = engine();
  const cancelled = { name: 'SqlError', code: 'cancelled', message: expect.stringMatching(/closed before the query/) };
  const interrupt = () => reject(new Error('Interrupted!'));
  const rejected = expect(runner.run({ work: () => work, interrupt, signal })).rejects.toMatchObject(cancelled);
  await runner[Symbol.asyncDispose]();
  await rejected;
  await expect(runner.run({ work: () => expect.unreachable(), signal })).rejects.toMatchObject(cancelled);
});

test('waits for work in the background before it closes', async () => {
  const { runner, closed, work, reject } = engine();
  runner.inBackground(work);
  const disposed = runner[Symbol.asyncDispose]();
  await new Promise(setImmediate);
  expect(closed).toEqual([]);
  reject(new Error('not heard by anyone'));
  await disposed;
});

test('closes all the same when something does not end in time', async () => {
  const { runner, closed, work, signal } = engine({ endWithinMs: 1 });
  const rejected = expect(runner.run({ work: () => work, signal })).rejects.toMatchObject({ code: 'cancelled' });
  await runner[Symbol.asyncDispose]();
  expect(closed).toEqual(['closed']);
  await rejected;
});

test('closes once, however often it is disposed', async () => {
  const { runner, closed } = engine();
  await Promise.all([runner[Symbol.asyncDispose](), runner[Symbol.asyncDispose]()]);
  await runner[Symbol.asyncDispose]();
  expect(closed).toEqual(['closed']);
});
