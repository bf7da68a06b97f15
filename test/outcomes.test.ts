import { fileURLToPath } from 'node:url';
import { newTaskId } from '@taskwire/protocol';
import { type Recorded, type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

let stack: Stack;
const tasksFolder = fileURLToPath(new URL('tasks', import.meta.url));

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    env: {
      TASKWIRE_TASKS_FOLDERS: tasksFolder,
      TASKWIRE_RESULTS_MAX_BYTES: '1000000',
    },
  });
});

afterAll(() => stack?.[Symbol.asyncDispose]());

async function answerTo(request: Record<string, unknown>): Promise<Recorded['message']> {
  const task_id = newTaskId();
  await stack.publish({ task_id, ...request });
  return stack.result(task_id);
}

test('a failed attempt is tried again, told of, and counted', async () => {
  const result = await answerTo({ task_type: 'fail_at_first', parameters: { failures: 2 } });
  expect(result).toMatchObject({ status: 'completed', result: { attempt: 3 }, attempts: 3 });
  const retrying = stack.recorder.all
    .map(({ message }) => message)
    .filter((message) => message.task_id === result.task_id && message.event === 'retrying');
  expect(retrying).toMatchObject([
    { attempt: 1, error: 'attempt 1 fails', next_attempt_at: expect.any(String) },
    { attempt: 2, error: 'attempt 2 fails', next_attempt_at: expect.any(String) },
  ]);
});

test('a task that fails in every attempt ends in the last error', async () => {
  const result = await answerTo({ task_type: 'fail_at_first', parameters: { failures: 9 } });
  expect(result).toMatchObject({ status: 'error', error_code: 'task_failed', error: 'attempt 3 fails', attempts: 3 });
});

test('a request may allow fewer attempts than the task', async () => {
  const result = await answerTo({ task_type: 'fail_at_first', parameters: { failures: 9 }, attempts: 1 });
  expect(result).toMatchObject({ error: 'attempt 1 fails', attempts: 1 });
});

test('a permanent error is not tried again', async () => {
  const result = await answerTo({ task_type: 'fail_at_first', parameters: { failures: 0, permanently: true } });
  expect(result).toMatchObject({ error_code: 'task_failed', error: 'there is no way', attempts: 1 });
});

test('progress is told', async () => {
  const { task_id } = await answerTo({ task_type: 'fail_at_first', parameters: { failures: 0 } });
  expect(await stack.event(task_id, 'progress')).toMatchObject({ progress: 0.5, message: 'half-way' });
});

test('a flood of progress does not keep the result back', async () => {
  const result = await answerTo({ task_type: 'chatter', parameters: { reports: 200_000 } });
  expect(result).toMatchObject({ status: 'completed', result: { reports: 200_000 } });
});

test('a task that takes too long ends in a timeout', async () => {
  const parameters = { file: '/dev/null', run_ms: 60_000 };
  const result = await answerTo({ task_type: 'log_run', parameters, timeout_ms: 50 });
  expect(result).toMatchObject({ error_code: 'timeout', error: 'The task did not end within 50 ms' });
});

test('a delayed task starts no sooner', async () => {
  const { queued_ms } = await answerTo({ task_type: 'reverse_string', parameters: { text: 'x' }, delay_ms: 300 });
  expect(queued_ms).toBeGreaterThanOrEqual(300);
});

test.each([
  ['nothing', 'task_failed', 'returned something that its definition does not allow'],
  ['bigint', 'task_failed', 'cannot be written as JSON'],
  ['too_much', 'result_too_large', 'results.max_bytes'],
])('a handler that returns %s ends its task in %s', async (what, code, words) => {
  const result = await answerTo({ task_type: 'return_anything', parameters: { what } });
  expect(result).toMatchObject({ status: 'error', error_code: code, attempts: 1 });
  expect(result.error).toContain(words);
});

test('a task of a type that the worker does not know is answered, when no worker has known it for a while', {
  timeout: 60_000,
}, async () => {
  await using uneven = await startStack({ redisUrl: inject('redisUrl'), services: ['worker'] });
  await uneven.start('processor', { TASKWIRE_TASKS_FOLDERS: tasksFolder });
  const task_id = newTaskId();
  await uneven.publish({ task_id, task_type: 'return_anything', parameters: { what: 'nothing' } });
  expect(await uneven.result(task_id)).toMatchObject({ error_code: 'unknown_task_type' });
});
