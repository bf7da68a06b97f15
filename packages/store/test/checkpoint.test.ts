import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { resultKey, taskKey } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { Announcer, type FinalResult } from '../src/announcer.ts';
import { TaskStore } from '../src/task-store.ts';

const RECORD = 'fingerprint|t-t.1||default';
const job = { taskId: 't', jobId: 't-t.1' };

/** A task with its record. */
async function setUp() {
  const keyPrefix = `{test-${randomUUID()}}`;
  const redisUrl = inject('redisUrl');
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  const env = privateEnvironment({ REDIS_URL: redisUrl, TASKWIRE_REDIS_KEY_PREFIX: keyPrefix });
  const config = loadConfig({ env });
  const store = new TaskStore({ redis, config });
  await redis.set(taskKey(keyPrefix, 't'), RECORD, 'EX', 100);
  return { store, redis, config, task: taskKey(keyPrefix, 't'), result: resultKey(keyPrefix, 't') };
}

test('the next attempt gets what the one before has left, whatever is in it', async () => {
  const { store, redis, task } = await setUp();
  const text = JSON.stringify({ page: 41, text: 'a|b"c\\|🦆 \u2028' });
  expect(await store.checkpoint({ ...job, start: 1 }, text)).toMatchObject({ status: 'kept' });
  const { status, checkpoint } = await store.checkpoint({ ...job, start: 2 });
  expect({ status, value: JSON.parse(checkpoint ?? '') }).toEqual({ status: 'kept', value: JSON.parse(text) });
  expect(await redis.ttl(task)).toBeGreaterThan(90);
});

test('an attempt whose task another worker has taken over can keep nothing more', async () => {
  const { store } = await setUp();
  await store.checkpoint({ ...job, start: 1 }, '1');
  expect(await store.checkpoint({ ...job, start: 2 })).toEqual({ status: 'kept', checkpoint: '1' });
  expect(await store.checkpoint({ ...job, start: 1 }, '"late"')).toEqual({ status: 'passed', checkpoint: undefined });
  expect(await store.checkpoint({ ...job, start: 2 })).toEqual({ status: 'kept', checkpoint: '1' });
});

test('also when there was nothing yet to take', async () => {
  const { store } = await setUp();
  expect(await store.checkpoint({ ...job, start: 2 })).toEqual({ status: 'kept', checkpoint: undefined });
  expect(await store.placeOf('t')).toEqual({ jobId: 't-t.1', queue: 'default', hasCheckpoint: false });
  expect(await store.checkpoint({ ...job, start: 1 }, '1')).toMatchObject({ status: 'passed' });
});

test('a task that has ended, is not known, or is carried by another job keeps none', async () => {
  const { store, redis, result } = await setUp();
  expect(await store.checkpoint({ ...job, taskId: 'other', start: 1 }, '1')).toMatchObject({ status: 'ended' });
  expect(await store.checkpoint({ ...job, jobId: 't-t.0', start: 1 }, '1')).toMatchObject({ status: 'ended' });
  await redis.set(result, '{}');
  expect(await store.checkpoint({ ...job, start: 1 }, '1')).toMatchObject({ status: 'ended' });
});

test('it ends with its task; who cancels the task before is told of it', async () => {
  const { store, redis, config, task } = await setUp();
  await store.checkpoint({ ...job, start: 1 }, '1');
  expect(await store.requestCancel('t')).toMatchObject({ job: { hasCheckpoint: true } });
  await using announcer = new Announcer({ redis, config, logger: { warn: () => undefined } as never });
  const ended = { status: 'completed', task_id: 't', timestamp: 'now' } as FinalResult;
  await announcer.final(ended, '{}', undefined, { endsCheckpoint: true });
  expect(await redis.get(task)).toBe(`${RECORD}|||`);
});
