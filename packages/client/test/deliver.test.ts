import { fileURLToPath } from 'node:url';
import { newTaskId, rejectionKey, resultKey, taskKey } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { TaskwireClient } from '../src/index.ts';

const TIMEOUT = { timeoutMs: 10_000 };
const BRIEF = { timeoutMs: 50 };

describe('with a processor and a worker', () => {
  let stack: Stack;
  let client: TaskwireClient;

  beforeAll(async () => {
    const env = { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('../../../test/tasks', import.meta.url)) };
    stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'], env });
    client = new TaskwireClient(stack.config.redis);
  });

  afterAll(async () => {
    await client?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  });

  test('delivering tells that a task was accepted, or has ended already', async () => {
    const task_id = newTaskId();
    const request = { task_id, task_type: 'reverse_string', parameters: { text: 'abc' } };
    expect(['accepted', 'finished']).toContain((await client.deliver(request, TIMEOUT)).status);
    const result = await stack.result(task_id);
    expect(await client.deliver(request, TIMEOUT)).toEqual({ status: 'finished', result });
  });

  test('delivering tells why a request was refused', async () => {
    const request = { task_type: 'reverse_string', parameters: { txt: 'abc' } };
    expect(await client.deliver(request, TIMEOUT)).toMatchObject({
      status: 'refused',
      result: { error_code: 'invalid_parameters', error_details: [{ path: 'parameters.text' }, {}] },
    });
  });

  test('a refusal is none of the task that has the id already', async () => {
    const task_id = newTaskId();
    const request = { task_id, task_type: 'reverse_string', parameters: { text: 'abc' } };
    await client.run(request);
    for (const parameters of [{ text: 'def' }, { txt: 'abc' }]) {
      expect(await client.deliver({ ...request, parameters }, TIMEOUT)).toMatchObject({ status: 'refused' });
    }
  });

  test('an error of the task itself is its result', async () => {
    const parameters = { failures: 1, permanently: true };
    const request = { task_id: newTaskId(), task_type: 'fail_at_first', parameters };
    const result = await client.run(request);
    expect(result).toMatchObject({ status: 'error', error_code: 'task_failed' });
    expect(await client.deliver(request, TIMEOUT)).toEqual({ status: 'finished', result });
  });

  test('delivering does not wait for a task that is to run later', async () => {
    const request = { task_type: 'reverse_string', parameters: { text: 'abc' }, delay_ms: 60_000 };
    expect(await client.deliver(request, TIMEOUT)).toEqual({ status: 'accepted' });
  });
});

describe('when no answer is heard', () => {
  /** Somebody who receives requests, and does with Redis what a processor would do, but says nothing. */
  async function silentProcessor(write: (stack: Stack, taskId: string) => Promise<unknown>) {
    const stack = await startStack({ redisUrl: inject('redisUrl'), services: [] });
    const subscriber = stack.redis.duplicate();
    await subscriber.subscribe(stack.config.redis.channels.tasks[0]);
    subscriber.on('message', (_channel, message) => void write(stack, JSON.parse(message).task_id));
    const client = new TaskwireClient(stack.config.redis, { via: 'channel' });
    return {
      deliver: () => client.deliver({ task_type: 'reverse_string', parameters: { text: 'abc' } }, BRIEF),
      async [Symbol.asyncDispose]() {
        subscriber.disconnect();
        await client[Symbol.asyncDispose]();
        await stack[Symbol.asyncDispose]();
      },
    };
  }

  const error = {
    status: 'error',
    error: 'no',
    error_code: 'invalid_parameters',
    timestamp: '2999-01-01T00:00:00.000Z',
  };

  test.each([
    [{ status: 'accepted' }, taskKey, 'fingerprint|job|by|at'],
    [{ status: 'finished', result: error }, resultKey, JSON.stringify(error)],
    [{ status: 'refused', result: error }, rejectionKey, JSON.stringify(error)],
  ])('the store tells: %o', async (receipt, keyOf, value) => {
    await using silent = await silentProcessor(({ redis, config }, id) =>
      redis.set(keyOf(config.redis.key_prefix, id), value),
    );
    expect(await silent.deliver()).toEqual(receipt);
  });

  test('nor the store knows anything, that is an error', async () => {
    await using silent = await silentProcessor(async () => undefined);
    await expect(silent.deliver()).rejects.toMatchObject({ code: 'no_receipt' });
  });

  test('because nobody listens, that is an error at once', async () => {
    await using stack = await startStack({ redisUrl: inject('redisUrl'), services: [] });
    await using client = new TaskwireClient(stack.config.redis, { via: 'channel' });
    const delivered = client.deliver({ task_type: 'reverse_string', parameters: { text: 'abc' } }, TIMEOUT);
    await expect(delivered).rejects.toMatchObject({ code: 'no_processor' });
  });
});
