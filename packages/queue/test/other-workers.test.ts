import { randomUUID } from 'node:crypto';
import { servicesKey } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { OtherWorkers } from '../src/other-workers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

function setUp() {
  const keyPrefix = `{test-${randomUUID()}}`;
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const workers = new OtherWorkers({ redis, keyPrefix });
  const beat = async (taskTypes: Record<string, string[]> | undefined, queues = ['default']) => {
    const identity = { service: 'worker', instance: 'abcd1234', host: 'here', version: '1', pid: 1, format: 2 };
    const at = Date.now();
    const beat = { ...identity, startedAt: at, at, provenAt: at, lagMs: 1, sequence: 1, queues, taskTypes };
    await redis.hset(servicesKey(keyPrefix), 'abcd1234', JSON.stringify(beat));
  };
  return { beat, mayKnow: () => workers.mayKnow('default', 'shout') };
}

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

test('a type that a worker knows is left to it, however long that takes', async () => {
  const { beat, mayKnow } = setUp();
  for (const _ of [1, 2, 3]) {
    await beat({ default: ['shout'] });
    expect(await mayKnow()).toBe(true);
    pass(29_000);
  }
});

test('a type that no worker has known for 30 s is known to nobody', async () => {
  const { beat, mayKnow } = setUp();
  for (const expected of [true, true, true, false, false]) {
    await beat({ default: ['whisper'], other: ['shout'] });
    expect(await mayKnow()).toBe(expected);
    pass(10_000);
  }
});

test('a worker that fell silent, or takes other queues, knows nothing', async () => {
  const { beat, mayKnow } = setUp();
  await beat({ default: ['shout'] }, ['other']);
  expect(await mayKnow()).toBe(true);
  pass(29_000);
  expect(await mayKnow()).toBe(true);
  pass(1000);
  expect(await mayKnow()).toBe(false);
});

test('what was seen long ago does not count', async () => {
  const { mayKnow } = setUp();
  expect(await mayKnow()).toBe(true);
  pass(3_600_000);
  expect(await mayKnow()).toBe(true);
});

test('a worker of a version that does not tell its types may know the type', async () => {
  const { beat, mayKnow } = setUp();
  for (const _ of [1, 2, 3]) {
    await beat(undefined);
    expect(await mayKnow()).toBe(true);
    pass(29_000);
  }
});
