import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { cancellationsKey, taskKey } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { CancelWatch } from '../src/cancel-watch.ts';
import { TaskStore } from '../src/task-store.ts';
import type { WatchedRun } from '../src/watched-run.ts';

/** A watch with keys that no other test uses, and a task that it may be told of. */
async function setUp() {
  const keyPrefix = `{test-${randomUUID()}}`;
  const [redis, subscriber] = [new Redis(inject('redisUrl')), new Redis(inject('redisUrl'))];
  const config = loadConfig({ env: privateEnvironment({ TASKWIRE_REDIS_KEY_PREFIX: keyPrefix }) });
  const store = new TaskStore({ redis, config });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const watch = new CancelWatch({ subscriber, store, installation: config.redis, logger });
  await watch.start();
  onTestFinished(async () => {
    await watch[Symbol.asyncDispose]();
    redis.disconnect();
  });
  await redis.set(taskKey(keyPrefix, 'task'), 'fingerprint|job||queue');
  return { redis, keyPrefix, store, watch };
}

function cancelled(run: WatchedRun): Promise<void> {
  return new Promise((resolve) => (run.onCancel = resolve));
}

test('a run is told as soon as its task is to be cancelled, and others are not', async () => {
  const { store, watch } = await setUp();
  const [run, same, other] = [watch.enter('task'), watch.enter('task'), watch.enter('other')];
  const told = Promise.all([cancelled(run), cancelled(same)]);
  expect(await store.requestCancel('task')).toMatchObject({ status: 'asked', job: { jobId: 'job', queue: 'queue' } });
  await told;
  expect(other.cancelled).toBe(false);
});

test('a run that nobody told looks for itself', async () => {
  const { redis, keyPrefix, watch } = await setUp();
  const run = watch.enter('task');
  const told = cancelled(run);
  await redis.hset(cancellationsKey(keyPrefix), 'task', 'job|1');
  await told;
});

test('a run that begins just after is worth a look, and one that was left hears no more', async () => {
  const { store, watch } = await setUp();
  const before = watch.enter('task');
  const left = watch.enter('task');
  watch.leave(left);
  expect(before.heard).toBe(false);
  const told = cancelled(before);
  await store.requestCancel('task');
  await told;
  expect(left.cancelled).toBe(false);
  expect(watch.enter('task').heard).toBe(true);
  expect(watch.enter('other').heard).toBe(false);
});

test('what is asked for twice is noted once, for the job that carries the task', async () => {
  const { store, keyPrefix, redis } = await setUp();
  await store.requestCancel('task');
  const [first] = await store.openCancellations();
  await store.requestCancel('task');
  expect(await store.openCancellations()).toEqual([first]);
  expect(await store.isCancelled('task', 'job')).toBe(true);
  expect(await store.isCancelled('task', 'a later job')).toBe(false);
  await store.forgetCancellation('task');
  expect(await redis.exists(cancellationsKey(keyPrefix))).toBe(0);
});

test('nothing is noted of a task that is unknown or has its result', async () => {
  const { store, keyPrefix, redis } = await setUp();
  expect(await store.requestCancel('nobody')).toEqual({ status: 'unknown' });
  await redis.set(`${keyPrefix}:result:task`, '{}');
  expect(await store.requestCancel('task')).toEqual({ status: 'finished' });
  expect(await store.openCancellations()).toEqual([]);
});
