import { tasksStreamKey } from '@taskwire/protocol';
import { type StackOptions, startStack } from '@taskwire/testing';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { TaskwireClient } from '../src/client.ts';

async function setUp(services: StackOptions['services']) {
  const stack = await startStack({ redisUrl: inject('redisUrl'), ...(services && { services }) });
  const client = new TaskwireClient(stack.config.redis);
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
  });
  return { ...stack, client };
}

const reverse = (text: string) => ({ task_type: 'reverse_string', parameters: { text } });

test('by the stream a request runs, is accepted, or is refused as by PUBLISH', async () => {
  const { client } = await setUp(['processor', 'worker']);
  expect(await client.run(reverse('abc'))).toMatchObject({ result: { reversed_text: 'cba' } });
  expect(await client.deliver({ ...reverse('abc'), delay_ms: 60_000 }, { timeoutMs: 10_000 })).toEqual({
    status: 'accepted',
  });
  expect(await client.run({ task_type: 'reverse_strng' })).toMatchObject({ error_code: 'unknown_task_type' });
  await expect.poll(() => client.unread()).toBe(0);
});

test('what is asked for while no processor runs is done when one does', async () => {
  const { client, start } = await setUp([]);
  const onSilence = vi.fn();
  const running = client.run(reverse('abc'), { onSilence });
  const submitted = await client.submit(reverse('def'));
  await expect.poll(() => client.unread()).toBe(2);
  await vi.waitFor(() => expect(onSilence).toHaveBeenLastCalledWith('no processor takes it; it waits in Redis'), 5000);
  await start('worker');
  await start('processor');
  expect(await running).toMatchObject({ result: { reversed_text: 'cba' } });
  expect(await client.wait(submitted)).toMatchObject({ result: { reversed_text: 'fed' } });
});

test('a cancel ends its task, also when both wait for a processor', async () => {
  const { client, start } = await setUp([]);
  const taskId = await client.submit(reverse('abc'));
  const cancelling = client.cancel(taskId);
  await expect.poll(() => client.unread()).toBe(2);
  await start('processor');
  expect(await cancelling).toMatchObject({ status: 'cancelled' });
});

test('asks again when Redis has lost its request', async () => {
  const { client, config, redis, start } = await setUp([]);
  const running = client.run(reverse('abc'));
  await expect.poll(() => client.unread()).toBe(1);
  await redis.del(tasksStreamKey(config.redis.key_prefix));
  await start('processor');
  await start('worker');
  expect(await running).toMatchObject({ result: { reversed_text: 'cba' } });
});
