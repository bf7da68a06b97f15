import { fileURLToPath } from 'node:url';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

const folders = ['tasks-in-python', 'tasks-in-shell'].map((name) => fileURLToPath(new URL(name, import.meta.url)));

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    env: { TASKWIRE_TASKS_FOLDERS: folders.join(',') },
  });
});

afterAll(() => stack?.[Symbol.asyncDispose]());

async function run(task_type: string, parameters: object) {
  const task_id = crypto.randomUUID();
  await stack.publish({ task_id, task_type, parameters });
  return await stack.result(task_id);
}

test('the functions of two Celery tasks run unchanged', async () => {
  const text = 'a "b" \u2028\n ü 👋';
  expect(await run('python_reverse_string', { text })).toMatchObject({
    status: 'completed',
    attempts: 1,
    result: { reversed_text: Array.from(text).reverse().join('') },
  });
  expect(await run('python_random_number', { min_value: 7, max_value: 7 })).toMatchObject({ result: { number: 7 } });
  const { result } = await run('python_random_number', {});
  expect(result).toEqual({ number: expect.any(Number) });
});

test('what a Python function raises is the error of its task', async () => {
  const id = crypto.randomUUID();
  const parameters = { min_value: 2, max_value: 1 };
  await stack.publish({ task_id: id, task_type: 'python_random_number', parameters, attempts: 1 });
  expect(await stack.result(id)).toMatchObject({
    error_code: 'task_failed',
    error: expect.stringContaining('empty range'),
  });
});

test('parameters are checked by the JSON Schema before anything runs', async () => {
  expect(await run('python_reverse_string', { txt: 'abc' })).toMatchObject({
    error_code: 'invalid_parameters',
    error_details: [
      { path: 'parameters.text', message: 'is required' },
      { path: 'parameters.txt', message: 'no such field; did you mean "text"?' },
    ],
  });
});

test('a shell script is a task', async () => {
  expect(await run('disk_space', {})).toMatchObject({
    status: 'completed',
    result: { total_kib: expect.any(Number), free_kib: expect.any(Number) },
  });
});
