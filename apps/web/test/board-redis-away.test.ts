import { loadConfig, privateEnvironment } from '@taskwire/config';
import { freePort } from '@taskwire/redis';
import { startPrivateRedis, startStack } from '@taskwire/testing';
import { expect, test } from 'vitest';
import { startBoard } from './board-server.ts';

const AWAY = {
  status: 503,
  body: { code: 'redis_unavailable', message: expect.stringMatching(/^Redis at redis:.*is out of reach/) },
};

test('while Redis is away, the board says so instead of waiting; afterwards it goes on by itself', async () => {
  await using redis = await startPrivateRedis();
  await using stack = await startStack({ redisUrl: redis.url, services: [] });
  await using board = await startBoard(stack.config);
  expect(await board.ask('GET', '/api/queues')).toMatchObject({ status: 200 });
  redis.process.kill('SIGSTOP');
  expect(await board.ask('GET', '/api/queues')).toMatchObject(AWAY);
  expect(await board.ask('PUT', '/api/queues/default/empty')).toMatchObject(AWAY);
  expect(await board.add('reverse_string', { text: 'abc' })).toMatchObject(AWAY);
  redis.process.kill('SIGCONT');
  await expect.poll(async () => (await board.ask('GET', '/api/queues')).status).toBe(200);
});

test('it does so, too, when Redis was never there', async () => {
  const env = privateEnvironment({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  await using board = await startBoard(loadConfig({ env }));
  expect(await board.ask('GET', '/api/queues')).toMatchObject(AWAY);
  expect(await board.ask('GET', '/')).toMatchObject({ status: 200 });
});
