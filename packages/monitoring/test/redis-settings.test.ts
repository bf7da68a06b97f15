import { loadConfig, privateEnvironment } from '@taskwire/config';
import { startPrivateRedis } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { StatusReader } from '../src/status/status-reader.ts';

test('how Redis is set up is found, and nothing of it where it does not let us ask', async () => {
  await using server = await startPrivateRedis();
  const redis = new Redis(server.url);
  onTestFinished(() => redis.disconnect());
  const config = loadConfig({ env: privateEnvironment({ REDIS_URL: server.url, TASKWIRE_WEB_ENABLED: 'false' }) });
  const reader = new StatusReader({ config, redis, queues: [] });
  const found = async () => (await reader.read()).findings.map(({ level, title }) => `${level}: ${title}`);
  expect(await found()).toEqual(['bad: No processor is consuming']);

  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  await redis.config('SET', 'appendonly', 'no');
  await redis.config('SET', 'client-output-buffer-limit', 'pubsub 32mb 8mb 60');
  expect(await found()).toEqual([
    'bad: Redis may throw away tasks',
    'bad: No processor is consuming',
    'note: Redis writes nothing to disk',
    'note: Redis holds little for slow subscribers',
  ]);

  await redis.call('ACL', 'SETUSER', 'default', '-config', '-info');
  expect(await found()).toEqual(['bad: No processor is consuming']);
  expect((await reader.read()).redis).toMatchObject({ version: 'unknown', used_memory_bytes: null });
});
