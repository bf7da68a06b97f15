import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { historianKey, missesKey, resultsStreamKey } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { ResultsStream } from '../src/results-stream.ts';

/** A results stream that keeps 100 entries, or a mebibyte of them. */
async function setUp() {
  const keyPrefix = `{test-${randomUUID()}}`;
  const env = privateEnvironment({
    REDIS_URL: inject('redisUrl'),
    TASKWIRE_REDIS_KEY_PREFIX: keyPrefix,
    TASKWIRE_RESULTS_STREAM_MAX_LENGTH: '100',
    TASKWIRE_RESULTS_STREAM_MAX_BYTES: String(2 ** 20),
  });
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const key = resultsStreamKey(keyPrefix);
  const add = async (count: number, message = '{}') => {
    const adding = redis.pipeline();
    for (let index = 0; index < count; index += 1) adding.xadd(key, '*', 'message', message);
    const added = (await adding.exec()) ?? [];
    return added.map(([, id]) => id as string);
  };
  const read = async (group: string, count: number) => {
    const found = await redis.xreadgroup('GROUP', group, 'me', 'COUNT', count, 'STREAMS', key, '>');
    return found?.[0]?.[1].map(([id]) => id) ?? [];
  };
  const first = async () => (await redis.xrange(key, '-', '+', 'COUNT', 1))[0]?.[0];
  const stream = new ResultsStream({ redis, config: loadConfig({ env }) });
  return { redis, key, keyPrefix, stream, add, read, first, length: () => redis.xlen(key) };
}

test('a stream that nobody reads, or that does not exist, keeps about the latest', async () => {
  const { stream, add, length } = await setUp();
  expect(await stream.trim()).toEqual([]);
  await add(1000);
  await stream.trim();
  expect(await length()).toBeGreaterThanOrEqual(100);
  expect(await length()).toBeLessThan(300);
});

test('what a group has not read, or not acknowledged, is kept', async () => {
  const { redis, key, stream, add, read, length, first } = await setUp();
  await redis.xgroup('CREATE', key, 'quick', '0', 'MKSTREAM');
  await redis.xgroup('CREATE', key, 'slow', '0');
  const ids = await add(1000);
  await redis.xack(key, 'quick', ...(await read('quick', 1000)));
  await stream.trim();
  expect(await length()).toBe(1000);
  const given = await read('slow', 900);
  await redis.xack(key, 'slow', ...given.filter((id) => id !== ids[500]));
  await stream.trim();
  expect(await length()).toBeLessThan(700);
  expect(await redis.xrange(key, ids[500] as string, ids[500] as string)).toHaveLength(1);
  await redis.xack(key, 'slow', ids[500] as string);
  await stream.trim();
  expect(await length()).toBeLessThan(300);
  expect(await length()).toBeGreaterThanOrEqual(100);
  expect(Number.parseInt((await first()) ?? '', 10)).toBeLessThanOrEqual(Number.parseInt(ids[900] as string, 10));
});

test('at its most bytes it is trimmed all the same, and the group that misses results is named', async () => {
  const { redis, key, keyPrefix, stream, add, read, length } = await setUp();
  for (const group of ['away', 'busy', 'ready']) await redis.xgroup('CREATE', key, group, '0', 'MKSTREAM');
  await add(30, 'x'.repeat(100_000));
  await redis.xack(key, 'ready', ...(await read('ready', 30)));
  await read('busy', 1);
  expect((await stream.trim()).toSorted()).toEqual(['away', 'busy']);
  expect(await length()).toBeLessThan(12);
  expect(Object.keys(await redis.hgetall(missesKey(keyPrefix))).toSorted()).toEqual(['away', 'busy']);
  expect(await stream.trim()).toEqual([]);
});

test('it is measured whole: large results among small ones, wherever they are, mislead nobody', async () => {
  const { redis, key, stream, add, length } = await setUp();
  await redis.xgroup('CREATE', key, 'slow', '0', 'MKSTREAM');
  await add(2, 'x'.repeat(300_000));
  await add(1000);
  expect(await stream.trim()).toEqual([]);
  expect(await length()).toBe(1002);
  await add(5, 'x'.repeat(300_000));
  expect(await stream.trim()).toEqual(['slow']);
  expect(await length()).toBeLessThan(10);
  expect(await length()).toBeGreaterThan(1);
});

test('the group of the history goes when nobody has written it for long, and only then', async () => {
  const { redis, key, keyPrefix, stream, add, read, length } = await setUp();
  const groups = async () => (await redis.xinfo('GROUPS', key)) as unknown[];
  await redis.xgroup('CREATE', key, 'history', '0', 'MKSTREAM');
  await add(1000);
  await read('history', 10);
  await stream.trim();
  await redis.set(historianKey(keyPrefix), 'web');
  await stream.trim(0);
  expect(await groups()).toHaveLength(1);
  expect(await length()).toBe(1000);
  await redis.del(historianKey(keyPrefix));
  await stream.trim(0);
  expect(await groups()).toEqual([]);
  expect(await length()).toBeLessThan(300);
});

test('the group of somebody else stays, and so does one for which little is kept', async () => {
  const { redis, key, stream, add, length } = await setUp();
  await redis.xgroup('CREATE', key, 'history', '0', 'MKSTREAM');
  await add(90);
  await stream.trim(0);
  expect(await redis.xinfo('GROUPS', key)).toHaveLength(1);
  await redis.xgroup('CREATE', key, 'slow', '0');
  await add(1000);
  await stream.trim(0);
  expect(await redis.xinfo('GROUPS', key)).toHaveLength(1);
  expect(await length()).toBe(1090);
});
