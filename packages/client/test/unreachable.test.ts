import { redisSettings } from '@taskwire/config';
import { freePort, RedisUnavailableError } from '@taskwire/redis';
import { expect, onTestFinished, test } from 'vitest';
import { TaskwireClient } from '../src/client.ts';

const { signal } = new AbortController();

test.each<[string, (client: TaskwireClient) => Promise<unknown>]>([
  ['submit', (client) => client.submit({ task_type: 'a' })],
  ['run', (client) => client.run({ task_type: 'a' })],
  ['result', (client) => client.result('t')],
  ['wait', (client) => client.wait('t')],
  ['watch', (client) => client.watch({ signal }).next()],
])('without a Redis %s says within 3 s where it looked, and shows no password', { timeout: 3000 }, async (_, ask) => {
  const port = await freePort();
  const client = new TaskwireClient(redisSettings({ url: `redis://me:S3cr3t@127.0.0.1:${port}` }));
  onTestFinished(() => client[Symbol.asyncDispose]());
  const asked = ask(client);
  await expect(asked).rejects.toThrow(RedisUnavailableError);
  await expect(asked).rejects.toThrow(`Redis at redis://127.0.0.1:${port}/0 cannot be used: `);
  await expect(asked).rejects.not.toThrow('S3cr3t');
});
