import { fileURLToPath } from 'node:url';
import { WatchedRun } from '@taskwire/store';
import type { AttemptHost } from '@taskwire/tasks/running';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Run } from '../src/run.ts';
import type { Lane } from '../src/task-process/lane.ts';
import { TaskProcesses, type TaskProcessesOptions } from '../src/task-process/task-processes.ts';

const MAIN = fileURLToPath(new URL('odd-task-process.ts', import.meta.url));

interface Given extends Partial<Run> {
  parameters?: object;
  context?: Partial<AttemptHost>;
  lane?: Lane;
  signal?: AbortSignal;
}

function open(options: Partial<TaskProcessesOptions> = {}) {
  const config = { results: { max_bytes: 10_000 }, log: { level: 'info' } };
  const processes = new TaskProcesses({ main: MAIN, config, maxLost: 1, ...options });
  onTestFinished(() => processes[Symbol.asyncDispose]());
  const begin = vi.fn();
  const run = (task_type: string, { parameters = {}, context: more, lane, signal, ...given }: Given = {}) => {
    const task = { task_id: 't', task_type, parameters, user_id: null, metadata: {} } as unknown as Run['task'];
    const watched = new WatchedRun('t', false);
    const known = {
      startedAt: 0,
      failedAttempts: 0,
      timesStarted: 0,
      timesLost: 0,
      stored: undefined,
      isCancelled: false,
      checkpoint: undefined,
      keepCheckpoint: async () => 'kept' as const,
    };
    const asked = { deaths: async () => 0, mayBeKnownElsewhere: async () => false, showProgress: () => undefined };
    const context = {
      attempt: 1,
      timeoutMs: 60_000,
      signal: signal ?? new AbortController().signal,
      progress: () => undefined,
      takeLine: () => undefined,
      submit: async () => '',
      checkpoint: undefined,
      keep: async () => undefined,
      ...more,
    };
    return processes.run({ task, ...known, ...asked, watched, ...given }, context, begin, lane);
  };
  return { run, begin };
}

test('parameters and result arrive as they were sent', async () => {
  const parameters = { text: 'a\u2028b\nc"d', list: [1, null, { deep: true }] };
  expect(await open().run('echo', { parameters })).toEqual({ status: 'completed', json: JSON.stringify(parameters) });
});

test.each([
  ['fail', { code: 'task_failed', error: 'no connection', retryable: true }],
  ['refuse', { code: 'task_failed', error: 'closed', details: [{ path: 'a', message: 'b', position: 3 }] }],
  ['misjudge', { code: 'invalid_parameters', details: [{ path: 'parameters.customer', message: 'is blocked' }] }],
  ['overdo', { code: 'result_too_large', error: 'too many rows' }],
  ['count', { code: 'task_failed', error: 'The handler of count returned something that cannot be written as JSON' }],
  ['swell', { code: 'result_too_large', error: expect.stringContaining('results.max_bytes') }],
  ['vanished', { code: 'unknown_task_type' }],
])('a failure comes back as it was: %s', async (type, failure) => {
  expect(await open().run(type)).toMatchObject({ status: 'failed', failure: { retryable: false, ...failure } });
});

test('checkpoints go to the worker and come back to the next attempt', async () => {
  const kept: unknown[] = [];
  const keep = async (value: unknown) => void kept.push(value);
  const { run } = open();
  const outcome = await run('go_on', { context: { checkpoint: { page: 0 }, keep } });
  const result = 'json' in outcome ? JSON.parse(outcome.json) : undefined;
  expect(result).toEqual({ left: { page: 0 }, kept: 2, refused: expect.stringContaining('4096 bytes') });
  expect(kept).toEqual([{ page: 1 }, { page: 2 }]);
});

test('what a cancelled handler says may still run is heard', async () => {
  const abort = new AbortController();
  const context = { progress: () => abort.abort() };
  const outcome = await open().run('leave_it_running', { context, signal: abort.signal });
  expect(outcome).toMatchObject({
    status: 'failed',
    failure: { cause: { name: 'MayStillRunError', message: 'the printer did not answer' } },
  });
});

test('the stack of what a handler threw comes with it', async () => {
  const outcome = await open().run('fail');
  expect(outcome).toMatchObject({ failure: { cause: { stack: expect.stringContaining('odd-task-process.ts') } } });
});

test('a process is used again, and a task under which it dies through another runs in a new one', async () => {
  const { run, begin } = open();
  const before = await run('leave_a_bomb');
  const after = await run('take_time');
  expect(after).toMatchObject({ status: 'completed' });
  expect(after).not.toEqual(before);
  expect(begin).toHaveBeenCalledTimes(3);
});

test('a task under which a new process dies has lost it, for good', async () => {
  const { run, begin } = open();
  const failure = { code: 'worker_lost', retryable: false, error: expect.stringContaining('exit code 7') };
  expect(await run('exit')).toMatchObject({ status: 'failed', failure });
  expect(begin).toHaveBeenCalledTimes(1);
});

test('a task whose process is told to stop by somebody else goes back', async () => {
  expect(await open().run('kill_softly')).toEqual({ status: 'returned' });
});

test('a program that does not start is not blamed on the task', async () => {
  const { run, begin } = open({ main: '/nowhere.ts' });
  const error = expect.stringMatching(/^No process could be started/);
  expect(await run('echo')).toMatchObject({
    status: 'failed',
    failure: { code: 'task_failed', error, retryable: true },
  });
  expect(begin).not.toHaveBeenCalled();
});

test('a suspect under which too many workers died does not run', async () => {
  const { run, begin } = open();
  const outcome = await run('echo', { timesLost: 3, deaths: async () => 2 });
  expect(outcome).toMatchObject({ failure: { code: 'worker_lost', error: expect.stringContaining('2 times') } });
  expect(begin).not.toHaveBeenCalled();
});

test('at most four run at a time', async () => {
  const { run } = open();
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => run('name_process')));
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(4);
});

describe('a lane', () => {
  const lane: Lane = { name: 'engine', processes: 1, idleMs: 60_000, killAfterMs: 200 };
  const errorOf: Lane['errorOf'] = ({ how, isOverMemory }) =>
    new Error(isOverMemory ? 'took too much' : `crashed: ${how}`);

  test('has an error of its own for a process that dies, also when that was used before, and does not run the task again', async () => {
    const { run, begin } = open();
    await run('echo', { lane });
    const failure = { code: 'task_failed', error: 'crashed: exit code 7', retryable: false };
    expect(await run('exit', { lane: { ...lane, errorOf } })).toMatchObject({ status: 'failed', failure });
    expect(begin).toHaveBeenCalledTimes(2);
  });

  test('ends a process that takes more memory than it may', async () => {
    const outcome = open().run('take_memory', { lane: { ...lane, errorOf, maxBytes: 300_000_000 } });
    expect(await outcome).toMatchObject({ status: 'failed', failure: { error: 'took too much' } });
  });

  test('does not use a process again that keeps much memory, or is spoilt by a failure', async () => {
    const { run } = open();
    const given = { lane: { ...lane, maxBytes: 600_000_000, isSpoiltBy: () => true } };
    const first = await run('name_process', given);
    expect(await run('leave_memory', given)).toEqual(first);
    const second = await run('name_process', given);
    expect(second).not.toEqual(first);
    await run('fail', given);
    expect(await run('name_process', given)).not.toEqual(second);
  });

  test('kills what does not heed its signal, soon, and removes what it left', async () => {
    const cleanUp = vi.fn(async () => undefined);
    const { run, begin } = open({ cleanUp });
    const cancelling = new AbortController();
    const outcome = run('never_end', { lane: { ...lane, errorOf }, signal: cancelling.signal });
    await expect.poll(() => begin.mock.calls.length).toBe(1);
    cancelling.abort();
    expect(await outcome).toMatchObject({ status: 'failed' });
    await expect.poll(() => cleanUp.mock.calls).toEqual([[expect.any(Number)]]);
  });

  test('has processes of its own, and sends back to the queue what would wait long', async () => {
    const { run, begin } = open();
    const waitMs = 300;
    const blocking = run('take_time', { lane: { ...lane, name: 'other' } });
    const first = run('take_time', { lane: { ...lane, waitMs } });
    await expect.poll(() => begin.mock.calls.length).toBe(2);
    const outcomes = await Promise.all([1, 2].map(() => run('echo', { lane: { ...lane, waitMs } })));
    expect(outcomes).toEqual([1, 2].map(() => ({ status: 'returned', delayMs: expect.any(Number) })));
    expect(await first).toMatchObject({ status: 'completed' });
    expect(await run('echo', { lane: { ...lane, waitMs } })).toMatchObject({ status: 'completed' });
    await blocking;
  });

  test('says once what a task waits for, and ends the wait when it is as long as it may run', async () => {
    const { run, begin } = open();
    const said: unknown[] = [];
    const waiting = { lane: { ...lane, waitMs: 0, waitsFor: 'a turn on the engine' } };
    const abort = new AbortController();
    const first = run('never_end', { ...waiting, signal: abort.signal });
    await expect.poll(() => begin.mock.calls.length).toBe(1);
    const context = { timeoutMs: 400, progress: (_: number, message?: string) => said.push(message) };
    expect(await run('echo', { ...waiting, context })).toEqual({ status: 'returned', delayMs: 250 });
    expect(await run('echo', { ...waiting, context })).toEqual({ status: 'returned', delayMs: 250 });
    const failure = { code: 'timeout', error: expect.stringContaining('waited 400 ms for a turn on the engine') };
    expect(await run('echo', { ...waiting, context })).toMatchObject({ status: 'failed', failure });
    expect(said).toEqual(['waits for a turn on the engine']);
    abort.abort();
    await first;
  });
});
