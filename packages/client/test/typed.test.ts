import { lightTasks } from '@taskwire/tasks';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { TaskwireClient } from '../src/client.ts';

const [generateRandomNumber, reverseString] = lightTasks;
let stack: Stack;
let client: TaskwireClient;

beforeAll(async () => {
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'] });
  client = new TaskwireClient(stack.config.redis);
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

test('with the definition of a task its result has the type that the definition says', async () => {
  const result = await client.run(reverseString, { text: 'abc' }, { user_id: 7, wait: { timeoutMs: 10_000 } });
  if (result.status !== 'completed') throw new Error(result.error);
  const { reversed_text }: { reversed_text: string } = result.result;
  expect(reversed_text).toBe('cba');
  expect(result.user_id).toBe(7);
});

test('defaults may be missing, or undefined', async () => {
  const asked = { max_value: 1, min_value: undefined };
  expect(await client.run(generateRandomNumber, asked)).toMatchObject({ result: { number: 1 } });
});

test('what the definition does not allow is an error of the compiler, and of the processor', async () => {
  // @ts-expect-error a text is needed
  expect(await client.run(reverseString, { text: 7 })).toMatchObject({ error_code: 'invalid_parameters' });
});

test('the time to wait is that of the caller', async () => {
  const waiting = client.run(reverseString, { text: 'abc' }, { delay_ms: 60_000, wait: { timeoutMs: 50 } });
  await expect(waiting).rejects.toMatchObject({ code: 'wait_timeout' });
});

test('submit takes a definition, too', async () => {
  const taskId = await client.submit(reverseString, { text: 'abc' }, { task_id: 'mine' });
  expect(taskId).toBe('mine');
  expect(await client.wait('mine')).toMatchObject({ result: { reversed_text: 'cba' } });
});
