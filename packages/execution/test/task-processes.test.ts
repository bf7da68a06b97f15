import { fileURLToPath } from 'node:url';
import { WatchedRun } from '@taskwire/store';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Run } from '../src/run.ts';
import type { RunHereContext } from '../src/run-here.ts';
import { TaskProcesses, type TaskProcessesOptions } from '../src/task-process/task-processes.ts';

const MAIN = fileURLToPath(new URL('odd-task-process.ts', import.meta.url));

interface Given extends Partial<Run> {
  parameters?: object;
  context?: Partial<RunHereContext>;
}
function open(options: Partial<TaskProcessesOptions> = {}) {
  const setUp = { results: { max_bytes: 10_000 } };
  const processes = new TaskProcesses({ main: MAIN, setUp, maxLost: 1, ...options });
  onTestFinished(() => processes[Symbol.dispose]());
  const begin = vi.fn();
  const run = (task_type: string, { parameters = {}, context: more, ...given }: Given = {}) => {
    const task = { task_id: 't', task_type, parameters, user_id: null, metadata: {} } as unknown as Run['task'];
    const watched = new WatchedRun('t', { heard: false, leave: () => undefined });
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
      signal: new AbortController().signal,
      progress: () => undefined,
      log: () => undefined,
      checkpoint: undefined,
      keep: async () => undefined,
      ...more,
    };
    return processes.run({ task, ...known, ...asked, watched, ...given }, context, begin);
  };
  return { run, begin };
}

test('parameters and result arrive as they were sent', async () => {
  const parameters = { text: 'a\u2028b\nc"d', list: [1, null, { deep: true }] };
  expect(await open().run('echo', { parameters })).toEqual({ status: 'completed', result: parameters });
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
  const refused = expect.stringContaining('4096 bytes');
  const result = { left: { page: 0 }, kept: 2, refused };
  expect(await run('go_on', { context: { checkpoint: { page: 0 }, keep } })).toEqual({ status: 'completed', result });
  expect(kept).toEqual([{ page: 1 }, { page: 2 }]);
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

test('at most four run at a time, and what is needed for a task is given back after it', async () => {
  let held = 0;
  let most = 0;
  const makeRoom = async () => {
    held += 1;
    most = Math.max(most, held);
    return { [Symbol.dispose]: () => (held -= 1) };
  };
  const { run } = open({ makeRoom });
  await Promise.all(Array.from({ length: 10 }, () => run('echo')));
  expect([most, held]).toEqual([4, 0]);
});
