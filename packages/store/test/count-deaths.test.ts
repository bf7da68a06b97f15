import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { servicesKey, taskKey } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { TaskStore } from '../src/task-store.ts';

const NOW = Date.parse('2026-11-29T12:00:00Z');

/** A task with its record, and workers with heartbeats. */
async function setUp() {
  const keyPrefix = `{test-${randomUUID()}}`;
  const redisUrl = inject('redisUrl');
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  const config = loadConfig({
    env: privateEnvironment({ REDIS_URL: redisUrl, TASKWIRE_REDIS_KEY_PREFIX: keyPrefix }),
  });
  const store = new TaskStore({ redis, config });
  await redis.set(taskKey(keyPrefix, 't'), 'fingerprint|t-t.1||default', 'EX', 100);
  return {
    start: (instance: string, timesLost: number) => store.countDeaths('t', { instance, timesLost }),
    beat: (instance: string, at: number) =>
      redis.hset(servicesKey(keyPrefix), instance, JSON.stringify({ instance, startedAt: 1, at, provenAt: 2 })),
    record: () => redis.get(taskKey(keyPrefix, 't')),
    timeToLive: () => redis.ttl(taskKey(keyPrefix, 't')),
    store,
  };
}

test('the worker in whose own process the task ran is not counted', async () => {
  const { start } = await setUp();
  expect(await start('a', 1)).toBe(0);
});

test('counts each worker that died while the task ran in a task process', async () => {
  const { start, beat } = await setUp();
  await beat('a', NOW);
  expect(await start('a', 1)).toBe(0);
  await beat('b', NOW + 20_000);
  expect(await start('b', 2)).toBe(1);
  await beat('c', NOW + 40_000);
  expect(await start('c', 3)).toBe(2);
});

test('a lost lock whose worker lives is no death', async () => {
  const { start, beat } = await setUp();
  await beat('a', NOW);
  await start('a', 1);
  await beat('a', NOW + 20_000);
  await beat('b', NOW + 21_000);
  expect(await start('b', 2)).toBe(0);
  expect(await start('b', 3)).toBe(0);
});

test('workers whose heartbeats are all old, since Redis stood still, live', async () => {
  const { start, beat } = await setUp();
  await beat('a', NOW);
  await beat('b', NOW + 1000);
  await start('a', 1);
  expect(await start('b', 2)).toBe(0);
});

test('a worker that died after it gave the task back is not counted', async () => {
  const { start, beat } = await setUp();
  await start('a', 1);
  await beat('b', NOW);
  expect(await start('b', 1)).toBe(0);
});

test('keeps the rest of the record, and its time to live', async () => {
  const { start, record, timeToLive, store } = await setUp();
  await start('a', 1);
  expect(await record()).toBe('fingerprint|t-t.1||default||0:a:1|');
  expect(await timeToLive()).toBeGreaterThan(90);
  expect(await store.placeOf('t')).toMatchObject({ jobId: 't-t.1', queue: 'default' });
});

test('a task that is no longer known has no deaths', async () => {
  const { store } = await setUp();
  expect(await store.countDeaths('other', { instance: 'a', timesLost: 1 })).toBe(0);
});
