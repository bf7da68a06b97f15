import { rmSync } from 'node:fs';
import { StatusReader } from '@taskwire/monitoring/status';
import { freePort } from '@taskwire/redis';
import { type PrivateRedis, startPrivateRedis, startStack } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';

const PATIENCE = { timeout: 15_000, interval: 100 };

interface Refusal {
  words: RegExp;
  begin: (redis: PrivateRedis) => Promise<unknown>;
  end: (redis: PrivateRedis) => Promise<unknown>;
}

const setting = (name: string, value: string) => (redis: PrivateRedis) => redis.command('CONFIG', 'SET', name, value);

test.each<[string, Refusal]>([
  ['is full', { words: /Redis is full/, begin: setting('maxmemory', '1mb'), end: setting('maxmemory', '0') }],
  [
    'cannot write to its disk',
    {
      words: /Redis cannot write to its disk/,
      async begin(redis) {
        await redis.command('CONFIG', 'SET', 'save', '3600 1');
        const [, folder] = (await redis.command('CONFIG', 'GET', 'dir')) as [string, string];
        rmSync(folder, { recursive: true });
        await redis.command('BGSAVE');
      },
      end: setting('save', ''),
    },
  ],
  [
    'takes away the right to run scripts',
    {
      words: /Redis does not let its user/,
      begin: (redis) => redis.command('ACL', 'SETUSER', 'default', '-@scripting'),
      end: (redis) => redis.command('ACL', 'SETUSER', 'default', '+@all'),
    },
  ],
])(
  'a Redis that %s is named once in log, health and status, with the remedy',
  async (_, { words, begin, end }) => {
    await using server = await startPrivateRedis();
    const port = await freePort();
    const env = { TASKWIRE_WORKER_HEALTH_PORT: String(port) };
    await using stack = await startStack({ redisUrl: server.url, services: ['processor', 'worker'], env });
    const reader = new StatusReader({ config: stack.config, redis: stack.redis, queues: [] });
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
      return { code: answer.status, ...((await answer.json()) as object) };
    };
    const request = (task_id: string) => ({ task_id, task_type: 'reverse_string', parameters: { text: 'a' } });
    await stack.publish(request('before'));
    await stack.result('before');
    await vi.waitFor(async () => expect(await ready()).toMatchObject({ code: 200 }), PATIENCE);

    await begin(server);
    for (let task = 0; task < 50; task += 1) await stack.publish(request(`meanwhile-${task}`));
    await vi.waitFor(async () => {
      for (const { output } of stack.services) expect(output()).toMatch(words);
      expect(await ready()).toMatchObject({ code: 503, status: 'refused', why: expect.stringMatching(words) });
      const { findings } = await reader.read();
      expect(findings.map(({ title }) => title)).toEqual([expect.stringMatching(words)]);
    }, PATIENCE);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);

    await end(server);
    await Promise.all(Array.from({ length: 50 }, (_, task) => stack.result(`meanwhile-${task}`)));
    for (const { output } of stack.services) {
      const lines = output()
        .split('\n')
        .filter((line) => /"level":"(warn|error)"/.test(line));
      expect(lines).toEqual([expect.stringMatching(words)]);
      expect(lines[0]).not.toMatch(/"stack"/);
    }
  },
  60_000,
);

test('after a rotation of its password, log, health and overview say what to set', async () => {
  await using server = await startPrivateRedis();
  const port = await freePort();
  const env = { TASKWIRE_WEB_PORT: String(port) };
  await using stack = await startStack({ redisUrl: server.url, services: ['web'], processes: ['web'], env });
  const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  await vi.waitFor(async () => expect(await ask('/readyz')).toContain('"consuming"'), PATIENCE);

  // The test's own connections have no password either.
  await stack.recorder[Symbol.asyncDispose]();
  stack.redis.disconnect();
  await server.command('ACL', 'SETUSER', 'default', '>secret', 'resetpass', '>secret');
  const killed = new Redis(server.port, { password: 'secret' });
  await killed.call('CLIENT', 'KILL', 'SKIPME', 'yes');
  killed.disconnect();
  const words = 'wants another user or password (REDIS_USERNAME, REDIS_PASSWORD). Set those that it knows';
  await vi.waitFor(async () => {
    expect(await ask('/readyz')).toContain(words);
    expect(await ask('/api/status')).toContain(words);
  }, PATIENCE);
  const [web] = stack.services;
  expect(web?.output().match(/wants another user/g)).toHaveLength(1);
}, 60_000);
