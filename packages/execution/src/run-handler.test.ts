import { Roster, WatchedRun } from '@taskwire/store';
import { defineTask, MayStillRunError, PermanentError, type TaskContext, type TaskHandler } from '@taskwire/tasks';
import { runHere } from '@taskwire/tasks/running';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { takeFault } from './faults.ts';
import { runHandler, type Stoppable } from './run-handler.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const definition = defineTask({
  type: 'shout',
  description: 'Makes a text loud.',
  parameters: z.strictObject({ text: z.string() }),
  result: z.strictObject({ loud: z.string() }),
  example: { text: 'hello' },
});

const TIMED_OUT = {
  status: 'failed',
  failure: { code: 'timeout', error: 'The task did not end within 1000 ms', retryable: true },
};

const CANCELLED = {
  status: 'failed',
  failure: { code: 'cancelled', error: 'Cancelled while it ran', retryable: false },
};

/** The same of a handler that was left alone. */
function leftAlone({ status, failure }: { status: string; failure: { error: string } }) {
  const error = `${failure.error}; its handler did not stop within 5 s and was left alone`;
  return { status, failure: { ...failure, error, handlerLeftAlone: true } };
}

/** Runs a handler for at most 1 s. */
function inTime(handler: TaskHandler) {
  const given = {
    parameters: { text: 'hello' },
    taskId: 't',
    userId: null,
    metadata: {},
    attempt: 2,
    timeoutMs: 1000,
    progress: () => undefined,
    takeLine: () => undefined,
    logLevel: 'info',
    keep: async () => undefined,
    submit: async () => '',
  };
  const handle = (signal: AbortSignal, begin: () => void) => {
    begin();
    return runHere({ definition, handler }, { ...given, signal });
  };
  return { task: { task_id: 't', task_type: 'shout' }, handle, timeoutMs: 1000 };
}

/** An attempt with 1 s of time; `stop` is what a worker does when its own time is up. */
function start(handler: (context: TaskContext<{ text: string }>) => unknown, stops = new Roster<Stoppable>()) {
  const stopping = new AbortController();
  const run = new WatchedRun('t', false);
  const outcome = runHandler({
    ...inTime(handler as TaskHandler),
    run,
    stopSignal: stopping.signal,
    stops,
  });
  const ended = vi.fn();
  void outcome.then(ended);
  const stop = () => {
    stopping.abort();
    for (const each of stops) each.stop();
  };
  return { outcome, ended, run, stop, stops };
}

/** A handler that ends when the test says so, and keeps the signal that it was given. */
function patientHandler() {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const given: { signal?: AbortSignal } = {};
  const handler = ({ signal }: TaskContext<{ text: string }>) => {
    given.signal = signal;
    return promise;
  };
  return { handler, given, resolve, reject };
}

test('gives the handler its context, and passes on what it returns', async () => {
  const handler = vi.fn((context: TaskContext<{ text: string }>) => ({ loud: context.parameters.text.toUpperCase() }));
  const { outcome } = start(handler);
  await expect(outcome).resolves.toEqual({ status: 'completed', result: { loud: 'HELLO' } });
  const context = handler.mock.calls[0]?.[0];
  expect(context).toMatchObject({ parameters: { text: 'hello' }, taskId: 't', attempt: 2, timeoutMs: 1000 });
  expect(context?.signal.aborted).toBe(false);
});

test('leaves neither timers nor what a stop would call behind', async () => {
  const { outcome, stops } = start(async () => ({ loud: 'A' }));
  expect(stops.size).toBe(1);
  await outcome;
  expect(vi.getTimerCount()).toBe(0);
  expect(stops.size).toBe(0);
});

test('what a handler calls permanent is not tried again', async () => {
  const { outcome } = start(() => Promise.reject(new PermanentError('The account is closed')));
  await expect(outcome).resolves.toMatchObject({ status: 'failed', failure: { retryable: false } });
});

test.each([undefined, null, 'LOUD', {}, { loud: 5 }, { loud: 'A', more: 1 }])(
  'a handler that returns %j has failed for good: it declares something else',
  async (returned) => {
    await expect(start(() => returned).outcome).resolves.toEqual({
      status: 'failed',
      failure: {
        code: 'task_failed',
        error: expect.stringMatching(
          /^The handler of shout returned something that its definition does not allow: result/,
        ),
        retryable: false,
      },
    });
  },
);

test('tells the handler when its time is up, and waits until it has ended', async () => {
  const { handler, given, resolve } = patientHandler();
  const { outcome, ended } = start(handler);
  await vi.advanceTimersByTimeAsync(999);
  expect(given.signal?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(given.signal?.reason).toMatchObject({ name: 'TimeoutError' });
  expect(ended).not.toHaveBeenCalled();
  resolve({ loud: 'too late' });
  await expect(outcome).resolves.toEqual(TIMED_OUT);
  expect(vi.getTimerCount()).toBe(0);
});

test('what the handler throws on its abort is still a timeout', async () => {
  const { outcome } = start(
    ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new PermanentError('x')))),
  );
  await vi.advanceTimersByTimeAsync(1000);
  await expect(outcome).resolves.toEqual(TIMED_OUT);
});

test('leaves a handler alone that does not end after its abort', async () => {
  const { outcome, ended } = start(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(1000 + 4999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await expect(outcome).resolves.toEqual(leftAlone(TIMED_OUT));
});

test('what an abandoned handler does at last is of no consequence', async () => {
  const { handler, reject } = patientHandler();
  const { outcome } = start(handler);
  await vi.advanceTimersByTimeAsync(6000);
  await expect(outcome).resolves.toEqual(leftAlone(TIMED_OUT));
  reject(new Error('much too late'));
  await vi.runAllTimersAsync();
});

test('tells the handler when its task is cancelled, and waits until it has ended', async () => {
  const { handler, given, resolve } = patientHandler();
  const { outcome, ended, run } = start(handler);
  run.cancel();
  expect(given.signal?.reason).toMatchObject({ name: 'AbortError', message: 'Cancelled while it ran' });
  await vi.advanceTimersByTimeAsync(4999);
  expect(ended).not.toHaveBeenCalled();
  resolve({ loud: 'too late' });
  await expect(outcome).resolves.toEqual(CANCELLED);
  expect(vi.getTimerCount()).toBe(0);
});

test('what the handler throws when it is cancelled is of no consequence', async () => {
  const { handler, reject } = patientHandler();
  const { outcome, run } = start(handler);
  run.cancel();
  reject(new Error('a fault that another attempt would mend'));
  await expect(outcome).resolves.toEqual(CANCELLED);
});

test('leaves a handler alone that does not end 5 s after its task was cancelled', async () => {
  const { outcome, ended, run } = start(() => new Promise(() => undefined));
  run.cancel();
  await vi.advanceTimersByTimeAsync(4999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await expect(outcome).resolves.toEqual(leftAlone(CANCELLED));
});

test('a task that is cancelled when its time is up already is not tried again, and gets no more time', async () => {
  const { outcome, run } = start(() => new Promise(() => undefined));
  await vi.advanceTimersByTimeAsync(4000);
  run.cancel();
  await vi.advanceTimersByTimeAsync(2000);
  await expect(outcome).resolves.toEqual(leftAlone(CANCELLED));
});

test('a cancelled task has no time limit any more that could have it tried again', async () => {
  const { handler, resolve } = patientHandler();
  const { outcome, run } = start(handler);
  run.cancel();
  await vi.advanceTimersByTimeAsync(1500);
  resolve({ loud: 'too late' });
  await expect(outcome).resolves.toEqual(CANCELLED);
});

test('a task that ended in time is not undone by a cancellation that follows', async () => {
  const { outcome, run } = start(async () => ({ loud: 'A' }));
  await outcome;
  run.cancel();
  await expect(outcome).resolves.toMatchObject({ status: 'completed' });
});

test('does not begin when its task is cancelled already', async () => {
  const handler = vi.fn();
  const outcome = runHandler({
    ...inTime(handler),
    run: { cancelled: true, onCancel: undefined },
    stopSignal: new AbortController().signal,
    stops: new Roster(),
  });
  await expect(outcome).resolves.toEqual(CANCELLED);
  expect(handler).not.toHaveBeenCalled();
});

test('a cancelled task is not returned to the queue by a worker that stops, but has ended', async () => {
  const { outcome, run, stop } = start(() => new Promise(() => undefined));
  run.cancel();
  stop();
  await expect(outcome).resolves.toEqual(CANCELLED);
  expect(vi.getTimerCount()).toBe(0);
});

test('is returned at once when the worker stops, and the handler is told', async () => {
  const { handler, given, resolve } = patientHandler();
  const { outcome, stop } = start(handler);
  stop();
  await expect(outcome).resolves.toEqual({ status: 'returned' });
  expect(given.signal?.reason).toMatchObject({ name: 'AbortError' });
  expect(vi.getTimerCount()).toBe(0);
  resolve({ loud: 'too late' });
});

test('does not begin when the worker has stopped already', async () => {
  const handler = vi.fn();
  const outcome = runHandler({
    ...inTime(handler),
    run: { cancelled: false, onCancel: undefined },
    stopSignal: AbortSignal.abort(),
    stops: new Roster(),
  });
  await expect(outcome).resolves.toEqual({ status: 'returned' });
  expect(handler).not.toHaveBeenCalled();
});

test('a task that ended in time is not undone by a stop that follows', async () => {
  const { outcome, stop } = start(async () => ({ loud: 'A' }));
  await outcome;
  stop();
  await expect(outcome).resolves.toMatchObject({ status: 'completed' });
});

test('what code of a handler throws elsewhere fails its attempt at once, and it may be tried again', async () => {
  vi.useRealTimers();
  const given: { signal?: AbortSignal } = {};
  const { outcome } = start(({ signal }) => {
    given.signal = signal;
    setTimeout(() => takeFault(new Error('thrown in a timer'), vi.fn()));
    return new Promise(() => undefined);
  });
  const failure = { code: 'task_failed', error: 'thrown in a timer', retryable: true };
  await expect(outcome).resolves.toMatchObject({ status: 'failed', failure });
  expect(given.signal?.aborted).toBe(true);
});

test('what it throws after its end is logged with its task, and what belongs to no attempt is not taken', async () => {
  vi.useRealTimers();
  const log = vi.fn();
  const late = Promise.withResolvers<boolean>();
  const { outcome } = start(() => {
    setTimeout(() => late.resolve(takeFault(new Error('too late'), log)), 20);
    return { loud: 'A' };
  });
  await expect(outcome).resolves.toMatchObject({ status: 'completed' });
  expect(await late.promise).toBe(true);
  expect(log).toHaveBeenCalledWith(expect.objectContaining({ task_id: 't' }), expect.any(String));
  expect(takeFault(new Error('of nobody'), log)).toBe(false);
});

test('the time of an attempt runs from its beginning', async () => {
  let begin: (() => void) | undefined;
  const outcome = runHandler({
    task: { task_id: 't', task_type: 'shout' },
    handle: (signal, beginNow) => {
      begin = beginNow;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    },
    timeoutMs: 1000,
    run: { cancelled: false, onCancel: undefined },
    stopSignal: new AbortController().signal,
    stops: new Roster(),
  });
  await vi.advanceTimersByTimeAsync(60_000);
  begin?.();
  await vi.advanceTimersByTimeAsync(1000);
  await expect(outcome).resolves.toEqual(TIMED_OUT);
});

test.each([
  ['cancelled', 'Cancelled while it ran', (run: WatchedRun) => run.cancel()],
  ['timeout', 'The task did not end within 1000 ms', () => vi.advanceTimersByTimeAsync(1000)],
])('an aborted handler may say that something still runs elsewhere: %s', async (code, error, abort) => {
  const { handler, reject } = patientHandler();
  const { outcome, run } = start(handler);
  await abort(run);
  reject(new MayStillRunError('the printer did not answer'));
  const failure = { code, error: `${error}; the printer did not answer` };
  expect(await outcome).toMatchObject({ status: 'failed', failure });
});
