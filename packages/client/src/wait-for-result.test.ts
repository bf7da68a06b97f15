import { EventEmitter, getEventListeners } from 'node:events';
import type { TaskResult } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NoProcessorError, TaskLostError, WaitTimeoutError } from './errors.ts';
import { Listener } from './listener.ts';
import type { Sent } from './sender.ts';
import type { TaskState } from './task-state.ts';
import { type WaitOptions, waitForResult } from './wait-for-result.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const result: TaskResult = {
  task_id: 't',
  task_type: 'a',
  user_id: null,
  metadata: {},
  status: 'completed',
  timestamp: '2026-11-21T12:00:00.123Z',
  result: { number: 4 },
  attempts: 1,
  duration_ms: 0,
  queued_ms: 0,
};
const SENT: Sent = { isWaiting: async () => false };
const rejected: TaskResult = { ...result, status: 'error', error: 'no', error_code: 'invalid_message' };

interface Situation {
  options?: WaitOptions;
  lookUp?: () => Promise<TaskState>;
  accepts?: (result: TaskResult) => boolean;
  ask?: () => Promise<Sent>;
}

/** Starts to wait for the task `t`; what Redis would do is in the hands of the test. */
function wait({
  options = {},
  lookUp = async () => ({ status: 'pending' }),
  accepts = () => true,
  ask,
}: Situation = {}) {
  const emitter = new EventEmitter();
  const unsubscribe = vi.fn(async () => undefined);
  const subscribed = Promise.withResolvers<void>();
  const subscriber = Object.assign(emitter, { subscribe: () => subscribed.promise, unsubscribe });
  const sources = {
    listener: new Listener(subscriber as unknown as Redis),
    channel: 'results',
    lookUp: vi.fn(lookUp),
    accepts,
    acceptsStored: (state: { result: TaskResult }) => accepts(state.result),
    ask: vi.fn(ask ?? (async () => SENT)),
  };
  const outcome = waitForResult('t', options, sources);
  outcome.catch(() => undefined);
  const publish = (message: TaskResult) => emitter.emit('message', 'results', JSON.stringify(message));
  const subscribe = async () => {
    subscribed.resolve();
    await vi.advanceTimersByTimeAsync(0);
  };
  const expectNothingLeft = () => {
    expect(vi.getTimerCount()).toBe(0);
    expect(unsubscribe).toHaveBeenCalledTimes(1);
  };
  return { outcome, publish, subscribe, expectNothingLeft, ...sources };
}

test('brings the result that comes over the channel, and leaves nothing behind', async () => {
  const { outcome, publish, subscribe, expectNothingLeft } = wait({ options: { timeoutMs: 1000 } });
  await subscribe();
  publish(result);
  await expect(outcome).resolves.toEqual(result);
  expectNothingLeft();
});

test('sets off what it waits for only when the subscription stands', async () => {
  const { ask, subscribe } = wait();
  await vi.advanceTimersByTimeAsync(1000);
  expect(ask).not.toHaveBeenCalled();
  await subscribe();
  expect(ask).toHaveBeenCalledTimes(1);
});

test('takes a result that is there before what set it off has ended', async () => {
  const { outcome, publish, subscribe } = wait({ ask: () => new Promise(() => undefined) });
  await subscribe();
  publish(result);
  await expect(outcome).resolves.toEqual(result);
});

test('ends with the error of what should have set it off', async () => {
  const { outcome, subscribe, expectNothingLeft } = wait({ ask: () => Promise.reject(new Error('nobody listens')) });
  await subscribe();
  await expect(outcome).rejects.toThrow('nobody listens');
  expectNothingLeft();
});

test('passes over a result that is not the one', async () => {
  const { outcome, publish, subscribe } = wait({ accepts: ({ status }) => status === 'completed' });
  await subscribe();
  publish(rejected);
  publish({ ...result, task_id: 'another' });
  publish(result);
  await expect(outcome).resolves.toEqual(result);
});

test('finds in the store what it missed on the channel', async () => {
  let state: TaskState = { status: 'pending' };
  const { outcome, subscribe, expectNothingLeft } = wait({ lookUp: async () => state });
  await subscribe();
  await vi.advanceTimersByTimeAsync(600);
  state = { status: 'finished', result };
  await vi.advanceTimersByTimeAsync(1000);
  await expect(outcome).resolves.toEqual(result);
  expectNothingLeft();
});

test('a stored result that is not the one does not end the wait', async () => {
  const { outcome, publish, subscribe } = wait({
    lookUp: async () => ({ status: 'rejected', result: rejected }),
    accepts: ({ status }) => status === 'completed',
  });
  await subscribe();
  await vi.advanceTimersByTimeAsync(10_000);
  publish(result);
  await expect(outcome).resolves.toEqual(result);
});

test('looks into the store ever more seldom, but at least every 5 s', async () => {
  const start = Date.now();
  const looks: number[] = [];
  const { subscribe } = wait({
    lookUp: async () => {
      looks.push(Date.now() - start);
      return { status: 'pending' };
    },
  });
  await subscribe();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(looks).toEqual([500, 1500, 3500, 7500, 12_500, 17_500]);
});

const AWAY = new Error('Connection is closed.');

test('endures a Redis that is away for a minute, and no longer', async () => {
  let isAway = true;
  const onSilence = vi.fn();
  const lookUp = async (): Promise<TaskState> => {
    if (isAway) throw AWAY;
    return { status: 'pending' };
  };
  const { outcome, subscribe } = wait({ lookUp, options: { onSilence } });
  const ended = vi.fn();
  outcome.catch(ended);
  await subscribe();
  await vi.advanceTimersByTimeAsync(59_000);
  expect(onSilence).toHaveBeenLastCalledWith('Redis does not answer; asking again');
  isAway = false;
  await vi.advanceTimersByTimeAsync(1000);
  expect(onSilence).toHaveBeenLastCalledWith(undefined);
  isAway = true;
  await vi.advanceTimersByTimeAsync(59_000);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(10_000);
  await expect(outcome).rejects.toThrow(AWAY);
});

test('ends with a fault of its own at once', async () => {
  const { outcome, subscribe } = wait({ lookUp: () => Promise.reject(new Error('a bug')) });
  await subscribe();
  await vi.advanceTimersByTimeAsync(500);
  await expect(outcome).rejects.toThrow('a bug');
});

test('asks again for a task that nobody knows, also while no processor listens, and not before the second look', async () => {
  const states: TaskState[] = [];
  const lookUp = async (): Promise<TaskState> => states.shift() ?? { status: 'unknown' };
  const ask = vi.fn(async () => SENT);
  const { outcome, subscribe, publish } = wait({ lookUp, ask });
  await subscribe();
  await vi.advanceTimersByTimeAsync(1000);
  expect(ask).toHaveBeenCalledTimes(1);
  ask.mockRejectedValueOnce(new NoProcessorError('tasks'));
  await vi.advanceTimersByTimeAsync(500);
  expect(ask).toHaveBeenCalledTimes(2);
  states.push({ status: 'unknown' }, { status: 'pending' });
  await vi.advanceTimersByTimeAsync(2000);
  expect(ask).toHaveBeenCalledTimes(2);
  publish(result);
  await expect(outcome).resolves.toEqual(result);
});

test('asks again when its request was lost although an earlier one with this id was refused', async () => {
  const lookUp = async () => ({ status: 'rejected', result: rejected }) as const;
  const { ask, subscribe } = wait({ lookUp, accepts: ({ status }) => status === 'completed' });
  await subscribe();
  await vi.advanceTimersByTimeAsync(2000);
  expect(ask).toHaveBeenCalledTimes(2);
});

test('does not ask again while its request waits in Redis, and says so', async () => {
  const onSilence = vi.fn();
  const { ask, subscribe } = wait({
    lookUp: async () => ({ status: 'unknown' }),
    ask: async () => ({ isWaiting: async () => true }),
    options: { onSilence },
  });
  await subscribe();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ask).toHaveBeenCalledTimes(1);
  expect(onSilence).toHaveBeenLastCalledWith('no processor takes it; it waits in Redis');
});

test('a task that was accepted and that Redis has forgotten is lost: it may have run', async () => {
  let state: TaskState = { status: 'pending' };
  const { outcome, subscribe, ask } = wait({ lookUp: async () => state });
  await subscribe();
  await vi.advanceTimersByTimeAsync(500);
  state = { status: 'unknown' };
  await vi.advanceTimersByTimeAsync(5000);
  await expect(outcome).rejects.toThrow(TaskLostError);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('waits no longer than it may, and then names the task', async () => {
  const { outcome, subscribe, expectNothingLeft } = wait({ options: { timeoutMs: 3000 } });
  const ended = vi.fn();
  outcome.catch(ended);
  await subscribe();
  await vi.advanceTimersByTimeAsync(2999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await expect(outcome).rejects.toThrow(WaitTimeoutError);
  await expect(outcome).rejects.toMatchObject({ code: 'wait_timeout', taskId: 't' });
  expectNothingLeft();
});

test('waits as long as it takes unless it is told otherwise', async () => {
  const { outcome, publish, subscribe } = wait();
  await subscribe();
  await vi.advanceTimersByTimeAsync(7 * 24 * 60 * 60 * 1000);
  publish(result);
  await expect(outcome).resolves.toEqual(result);
});

test("ends with the signal's reason, and leaves nothing on the signal", async () => {
  const abort = new AbortController();
  const { outcome, subscribe, expectNothingLeft } = wait({ options: { signal: abort.signal } });
  await subscribe();
  abort.abort(new Error('enough'));
  await expect(outcome).rejects.toThrow('enough');
  expectNothingLeft();
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
});

test('sets nothing off when the signal was aborted before', async () => {
  const { outcome, ask } = wait({ options: { signal: AbortSignal.abort(new Error('enough')) } });
  await expect(outcome).rejects.toThrow('enough');
  expect(ask).not.toHaveBeenCalled();
});
