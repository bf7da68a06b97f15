import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Runner, type RunnerOptions } from './runner.ts';
import { StillRunsError } from './sql-error.ts';

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

test('passes on what the work returns, and leaves nothing on the signal', async () => {
  const { runner, signal } = engine();
  let given: AbortSignal | undefined;
  const work = async (either: AbortSignal) => {
    given = either;
    return 'rows';
  };
  await expect(runner.run({ work, signal })).resolves.toBe('rows');
  expect(given && getEventListeners(given, 'abort')).toEqual([]);
});

test('passes on what the work throws', async () => {
  const { runner, work, reject, signal } = engine();
  reject(new Error('no such table'));
  await expect(runner.run({ work: () => work, signal })).rejects.toThrow('no such table');
});

test('begins nothing for a signal that is aborted', async () => {
  const { runner } = engine();
  const work = () => expect.unreachable();
  await expect(runner.run({ work, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
});

test("aborts and interrupts the work, and rejects with the signal's reason rather than with the engine's", async () => {
  const { runner, work, reject, abort, signal } = engine();
  let given: AbortSignal | undefined;
  const interrupt = vi.fn(() => reject(new Error('Interrupted!')));
  const running = runner.run({
    signal,
    interrupt,
    work: (either) => {
      given = either;
      return work;
    },
  });
  abort.abort(new Error('enough'));
  expect(interrupt).toHaveBeenCalledTimes(1);
  await expect(running).rejects.toThrow('enough');
  expect(given?.reason).toEqual(new Error('enough'));
});

test('interrupts again when the engine has not heard it, and not any more when it has', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { runner, work, reject, abort, signal } = engine();
  let interrupts = 0;
  const interrupt = () => {
    interrupts += 1;
    if (interrupts === 3) reject(new Error('Interrupted!'));
  };
  const running = runner.run({ work: () => work, signal, interrupt });
  const rejected = expect(running).rejects.toThrow('enough');
  abort.abort(new Error('enough'));
  expect(vi.getTimerCount()).toBe(2);
  await vi.advanceTimersByTimeAsync(90);
  await rejected;
  expect(interrupts).toBe(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('rejects when the abort came while the last row was on its way', async () => {
  const { runner, work, resolve, abort, signal } = engine();
  const running = runner.run({ work: () => work, signal, interrupt: () => resolve('rows') });
  abort.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
});

test('rejects although the engine does not stop, but disposing waits for that', async () => {
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

test('waits longer for an engine that confirms the end, and says when it has not', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { runner, work, reject, abort, signal } = engine({ confirms: true });
  const ended = vi.fn();
  void runner.run({ work: () => work, signal }).catch(ended);
  const never = runner.run({ work: () => new Promise(() => undefined), signal });
  const unconfirmed = expect(never).rejects.toBeInstanceOf(StillRunsError);
  abort.abort(new Error('enough'));
  await vi.advanceTimersByTimeAsync(3000);
  expect(ended).not.toHaveBeenCalled();
  reject(new Error('cancelled by the server'));
  await vi.advanceTimersByTimeAsync(0);
  expect(ended).toHaveBeenCalledWith(new Error('enough'));
  await vi.advanceTimersByTimeAsync(1500);
  await unconfirmed;
});

test('passes on that the end of an aborted statement was not confirmed, but not of one that the driver has closed', async () => {
  const { runner, work, reject, abort, signal } = engine({ confirms: true });
  const running = runner.run({ work: () => work, signal });
  const closed = runner.run({ work: () => work, signal: new AbortController().signal });
  abort.abort(new Error('enough'));
  const unsure = expect(running).rejects.toThrow('the statement may still run there: it is cut off');
  const cancelled = expect(closed).rejects.toMatchObject({ code: 'cancelled' });
  const disposed = runner[Symbol.asyncDispose]();
  reject(new StillRunsError('it is cut off'));
  await Promise.all([unsure, cancelled, disposed]);
});
