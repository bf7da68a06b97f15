import { fileURLToPath } from 'node:url';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Ended, runTaskwire } from './run-taskwire.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    env: { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)) },
  });
});

afterAll(() => stack?.[Symbol.asyncDispose]());

function cancel(args: readonly string[], env = {}): Promise<Ended> {
  return runTaskwire(['cancel', ...args], { PATH: '/usr/bin:/bin', ...stack.env, ...env });
}

async function waiting(): Promise<string> {
  const task_id = newTaskId();
  const request = { task_id, task_type: 'reverse_string', parameters: { text: 'abc' } };
  await stack.publish({ ...request, delay_ms: 3_600_000 });
  await stack.event(task_id, 'accepted');
  return task_id;
}

async function running(heed_signal: boolean): Promise<string> {
  const task_id = newTaskId();
  const parameters = { file: '/dev/null', run_ms: 60_000, heed_signal };
  await stack.publish({ task_id, task_type: 'log_run', parameters });
  await stack.event(task_id, 'started');
  return task_id;
}

test('cancels tasks that wait and tasks that run, and says so', async () => {
  const ids = [await waiting(), await running(true)] as const;
  const { code, out } = await cancel(ids);
  expect(out).toContain(`cancelled ${ids[0]}: Cancelled before it ran`);
  expect(out).toContain(`cancelled ${ids[1]}: Cancelled while it ran`);
  expect(code).toBe(0);
});

test('prints a line of JSON for each task', async () => {
  const ids = [await waiting(), newTaskId()] as const;
  const { code, out } = await cancel([...ids, '--json']);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(2);
  expect(lines).toContainEqual(
    expect.objectContaining({ task_id: ids[0], status: 'cancelled', result: expect.objectContaining({ attempts: 0 }) }),
  );
  expect(lines).toContainEqual({ task_id: ids[1], status: 'unknown' });
  expect(code).toBe(4);
});

test('exits with 1 when the task had ended before', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
  await stack.result(task_id);
  const { code, out } = await cancel([task_id]);
  expect(out).toContain(`not cancelled ${task_id}: it had completed before`);
  expect(code).toBe(1);
});

test('exits with 4 when there is no such task', async () => {
  const { code, out } = await cancel(['nobody-knows-this']);
  expect(out).toContain('not cancelled nobody-knows-this: there is no such task');
  expect(code).toBe(4);
});

test.each([
  ['--no-wait', 0],
  ['--timeout=0.1', 4],
])('with %s it does not wait for a handler that ignores its signal (exit code %i)', async (option, expected) => {
  const task_id = await running(false);
  const { code, out } = await cancel([task_id, option]);
  expect(out).toContain(`cancel requested ${task_id}: it runs and is told to stop`);
  expect(code).toBe(expected);
});

test('exits with 3 when no processor hears its PUBLISH, and with 2 when it is used wrongly', async () => {
  const nobody = { TASKWIRE_REDIS_CHANNELS_CANCEL: `nobody-${newTaskId()}` };
  expect(await cancel(['t1', '--publish'], nobody)).toMatchObject({
    code: 3,
    err: expect.stringContaining('Nobody listens'),
  });
  expect(await cancel(['a b'])).toMatchObject({ code: 2, err: expect.stringContaining('task_id: must be') });
  expect(await cancel([])).toMatchObject({ code: 2 });
  expect(await cancel(['t1', '--timeout', 'x'])).toMatchObject({ code: 2 });
});
