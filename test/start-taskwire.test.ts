import { defineTask, type HandlerOf, PermanentError } from '@taskwire/tasks';
import { Redis } from 'ioredis';
import { startTaskwire } from 'taskwire/testing';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';

const task = defineTask({
  type: 'shout',
  description: 'd',
  parameters: z.strictObject({ text: z.string() }),
  result: z.strictObject({ loud: z.string() }),
  example: { text: 'a' },
  backoff: { delayMs: 1 },
  isolated: true,
});

test('runs definitions with handlers of the test, which may be spies, as workers do', async () => {
  const handler = vi.fn<HandlerOf<typeof task>>(({ parameters, attempt, log }) => {
    log('shouts');
    if (attempt === 1) throw new Error('hoarse');
    return { loud: parameters.text.toUpperCase() };
  });
  await using taskwire = await startTaskwire({ tasks: [{ task, handler }] });
  const result = await taskwire.client.run(task, { text: 'hello' }, { user_id: 7 });
  expect(result).toMatchObject({ status: 'completed', result: { loud: 'HELLO' }, attempts: 2, user_id: 7 });
  expect(handler).toHaveBeenCalledTimes(2);
  expect(taskwire.log()).toContain('shouts');
  await expect(taskwire.client.run({ task_type: 'shout', parameters: { txt: '' } })).resolves.toMatchObject({
    error_code: 'invalid_parameters',
  });
});

test('runs the task files of a folder, by what config.json would say, and those of taskwire', async () => {
  await using taskwire = await startTaskwire({
    tasks: 'examples/tasks',
    config: { sql: { connections: { mine: { driver: 'duckdb' } } } },
  });
  const { client } = taskwire;
  const [counted, rows] = await Promise.all([
    client.run({ task_type: 'word_count', parameters: { text: 'a b a' } }),
    client.run({ task_type: 'sql_query', parameters: { connection: 'mine', query: 'select 42 as n' } }),
  ]);
  expect(counted).toMatchObject({ result: { words: 3 } });
  expect(rows).toMatchObject({ result: { rows: [{ n: 42 }] } });
});

test('two at a time do not hear each other, and leave no Redis behind', async () => {
  const saying = (loud: string) => ({ task, handler: () => ({ loud }) });
  const both = await Promise.all(['one', 'two'].map((word) => startTaskwire({ tasks: [saying(word)] })));
  const results = await Promise.all(both.map(({ client }) => client.run(task, { text: '' })));
  expect(results).toMatchObject([{ result: { loud: 'one' } }, { result: { loud: 'two' } }]);
  await Promise.all(both.map((each) => each.stop()));
  for (const { redisUrl } of both) {
    const redis = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null });
    redis.on('error', () => undefined);
    await expect(redis.connect()).rejects.toThrow();
  }
});

test('what does not start leaves nothing that keeps the test running, and says why', async () => {
  await expect(startTaskwire({ tasks: '/nowhere' })).rejects.toThrow('Tasks cannot be loaded from /nowhere');
  await expect(startTaskwire({ tasks: [], config: { wroker: {} } })).rejects.toThrow('did you mean "worker"');
  const handler = () => {
    throw new PermanentError('never');
  };
  await expect(
    startTaskwire({
      tasks: [
        { task, handler },
        { task, handler },
      ],
    }),
  ).rejects.toThrow('type "shout"');
});
