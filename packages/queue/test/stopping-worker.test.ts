import { randomUUID } from 'node:crypto';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { redisClockBackend } from '../src/redis-clock-backend.ts';
import { WITHOUT_INFO } from '../src/without-info.ts';

test('a worker that stops while it waits puts back the mark of a new job, which it may have taken from another', async () => {
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  onTestFinished(() => redis.disconnect());
  const prefix = `{test-${randomUUID()}}`;
  const options = { ...WITHOUT_INFO, connection: redis, prefix, autorun: false };
  const worker = new Worker('mine', async () => undefined, options, redisClockBackend(redis).factory);
  void worker.run();
  await expect.poll(() => (worker as unknown as { waiting: unknown }).waiting !== null).toBe(true);
  await worker.close();
  expect(await redis.zscore(`${prefix}:mine:marker`, '0')).toBe('0');
});
