import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Supervised } from './supervised.ts';

// Node's promise timers ignore fake ones.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      setTimeout(resolve, ms, value);
      signal?.addEventListener('abort', () => reject(signal.reason));
    }),
}));

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A process that ends on the test's command, or on one of these signals. */
function processEndedBy(...signals: NodeJS.Signals[]) {
  const end = (exitCode: number | null, signalCode: NodeJS.Signals | null = null) => {
    Object.assign(child, { exitCode, signalCode });
    child.emit('exit', exitCode, signalCode);
  };
  const kill = vi.fn((signal: NodeJS.Signals) => {
    if (signals.includes(signal)) end(null, signal);
    return true;
  });
  const send = vi.fn();
  const child = Object.assign(new EventEmitter(), { exitCode: null, signalCode: null, kill, send });
  return { child: child as unknown as ChildProcess, end, kill, send };
}

function setUp(...processes: (ReturnType<typeof processEndedBy> | Error)[]) {
  const launch = vi.fn(async () => {
    const next = processes.shift();
    if (next instanceof Error) throw next;
    if (!next) throw new Error('there are no more processes');
    return next.child;
  });
  const say = vi.fn();
  const supervised = new Supervised({ name: 'worker', launch, log: { attach: () => undefined, say } });
  return { supervised, launch, said: () => say.mock.calls.map(([sentence]) => sentence) };
}

test('restarts a crashed process, ever later, and says so', async () => {
  const [first, second, third] = [processEndedBy(), processEndedBy(), processEndedBy()];
  const { supervised, launch, said } = setUp(first, second, third);
  await supervised.start();
  first.end(1);
  await vi.advanceTimersByTimeAsync(499);
  expect(launch).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(launch).toHaveBeenCalledTimes(2);
  second.end(null, 'SIGKILL');
  await vi.advanceTimersByTimeAsync(999);
  expect(launch).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(launch).toHaveBeenCalledTimes(3);
  expect(said()).toEqual([
    'worker ended (exit code 1); starting it again in 500 ms',
    'worker ended (SIGKILL); starting it again in 1000 ms',
  ]);
});

test('tries again when a crashed process does not start again', async () => {
  const [first, last] = [processEndedBy(), processEndedBy()];
  const { supervised, launch, said } = setUp(first, new Error('the worker ended before it was ready'), last);
  await supervised.start();
  first.end(1);
  await vi.advanceTimersByTimeAsync(500 + 1000);
  expect(launch).toHaveBeenCalledTimes(3);
  expect(said()).toEqual([
    'worker ended (exit code 1); starting it again in 500 ms',
    'the worker ended before it was ready',
    'worker did not start; starting it again in 1000 ms',
  ]);
});

test('does not try again when a process does not start the first time', async () => {
  const { supervised, launch } = setUp(new Error('a fault of the configuration'));
  await expect(supervised.start()).rejects.toThrow('a fault of the configuration');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(launch).toHaveBeenCalledTimes(1);
});

test('takes over a process that runs already', async () => {
  const [running, next] = [processEndedBy(), processEndedBy()];
  const launch = vi.fn(async () => next.child);
  const log = { attach: () => undefined, say: () => undefined };
  const supervised = new Supervised({ name: 'redis', launch, log }, running.child);
  await supervised.start();
  expect(launch).not.toHaveBeenCalled();
  running.end(0);
  await vi.advanceTimersByTimeAsync(500);
  expect(launch).toHaveBeenCalledTimes(1);
});

test('a process that is asked to stop is not started again', async () => {
  const process = processEndedBy('SIGTERM');
  const { supervised, launch, said } = setUp(process);
  await supervised.start();
  await supervised.stop(1000);
  expect(process.kill.mock.calls).toEqual([['SIGTERM']]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(launch).toHaveBeenCalledTimes(1);
  expect(said()).toEqual([]);
});

test('killing a process resolves when the next one runs', async () => {
  const [first, second] = [processEndedBy('SIGKILL'), processEndedBy()];
  const { supervised, launch } = setUp(first, second);
  await supervised.start();
  let isBack = false;
  const back = supervised.kill().then(() => {
    isBack = true;
  });
  await vi.advanceTimersByTimeAsync(499);
  expect(isBack).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await back;
  expect(first.kill.mock.calls).toEqual([['SIGKILL']]);
  expect(launch).toHaveBeenCalledTimes(2);
});

test('a process that does not stop in time is killed', async () => {
  const process = processEndedBy('SIGKILL');
  const { supervised, said } = setUp(process);
  await supervised.start();
  const stopped = supervised.stop(1000);
  await vi.advanceTimersByTimeAsync(999);
  expect(process.kill.mock.calls).toEqual([['SIGTERM']]);
  await vi.advanceTimersByTimeAsync(1);
  await stopped;
  expect(process.kill.mock.calls).toEqual([['SIGTERM'], ['SIGKILL']]);
  expect(said()).toEqual(['worker did not stop within 1000 ms and is killed']);
});

test('stopping while a crashed process waits for its restart starts nothing', async () => {
  const process = processEndedBy();
  const { supervised, launch } = setUp(process);
  await supervised.start();
  process.end(1);
  await vi.advanceTimersByTimeAsync(100);
  await supervised.stop(1000);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(launch).toHaveBeenCalledTimes(1);
});

test('stopping what never started resolves at once', async () => {
  await setUp().supervised.stop(1000);
});

test.each([
  ['doubles with each crash in a row, up to half a minute', Array(9).fill(1000), [0.5, 1, 2, 4, 8, 16, 30, 30, 30]],
  ['begins anew with a process that had run well for a minute', [0, 59_999, 60_000, 0], [0.5, 1, 0.5, 1]],
])('the wait before a start %s', async (_, livedMs: number[], seconds) => {
  const processes = [...livedMs.map(() => processEndedBy()), processEndedBy()];
  const { supervised, launch, said } = setUp(...processes);
  await supervised.start();
  for (const [index, ms] of livedMs.entries()) {
    await vi.advanceTimersByTimeAsync(ms);
    processes[index]?.end(1);
    await vi.advanceTimersByTimeAsync((seconds[index] ?? 0) * 1000);
    expect(launch).toHaveBeenCalledTimes(index + 2);
  }
  expect(said()).toEqual(seconds.map((wait) => `worker ended (exit code 1); starting it again in ${wait * 1000} ms`));
});

test('a process that is replaced retires, and its successor is the one that is kept running', async () => {
  const [old, next, third] = [processEndedBy('SIGTERM'), processEndedBy(), processEndedBy('SIGTERM')];
  const { supervised, launch, said } = setUp(old, third);
  await supervised.start();
  supervised.replaceBy(next.child);
  expect(old.send).toHaveBeenCalledWith('retire', expect.anything());
  await vi.advanceTimersByTimeAsync(0);
  next.end(1);
  await vi.advanceTimersByTimeAsync(500);
  expect(launch).toHaveBeenCalledTimes(2);
  expect(said()).toEqual(['worker ended (exit code 1); starting it again in 500 ms']);
  await supervised.stop(1000);
  for (const { kill } of [old, third]) expect(kill).toHaveBeenCalledWith('SIGTERM');
});

test('a process that is renewed is started again at once, and that is no crash', async () => {
  const [first, second] = [processEndedBy('SIGTERM'), processEndedBy()];
  const { supervised, launch, said } = setUp(first, second);
  await supervised.start();
  supervised.renew();
  await vi.advanceTimersByTimeAsync(0);
  expect(launch).toHaveBeenCalledTimes(2);
  expect(said()).toEqual([]);
});
