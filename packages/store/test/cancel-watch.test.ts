import { randomUUID } from 'node:crypto';
import { cancellationsKey, taskKey } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { CancelWatch } from '../src/cancel/cancel-watch.ts';
import { Cancellations } from '../src/cancel/cancellations.ts';
import type { WatchedRun } from '../src/cancel/watched-run.ts';

/** A watch with keys that no other test uses, and a task that it may be told of. */
async function setUp() {
  const keyPrefix = `{test-${randomUUID()}}`;
  const [redis, subscriber] = [new Redis(inject('redisUrl')), new Redis(inject('redisUrl'))];
  const cancellations = new Cancellations(redis, keyPrefix);
  const logger = createLogger({ service: 'test', level: 'silent' });
  const watch = new CancelWatch({ subscriber, cancellations, keyPrefix, logger });
  await watch.start();
  onTestFinished(async () => {
    await watch[Symbol.asyncDispose]();
    redis.disconnect();
  });
  await redis.set(taskKey(keyPrefix, 'task'), 'fingerprint|job|');
  return { redis, keyPrefix, cancellations, watch };
}

function cancelled(run: WatchedRun): Promise<void> {
  return new Promise((resolve) => (run.onCancel = resolve));
}

test('a run is told as soon as its task is to be cancelled, and others are not', async () => {
  const { cancellations, watch } = await setUp();
  const [run, same, other] = [watch.enter('task'), watch.enter('task'), watch.enter('other')];
  const told = Promise.all([cancelled(run), cancelled(same)]);
  expect(await cancellations.ask('task')).toEqual({ status: 'asked', jobId: 'job' });
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
  const { cancellations, watch } = await setUp();
  const before = watch.enter('task');
  const left = watch.enter('task');
  left[Symbol.dispose]();
  expect(before.heard).toBe(false);
  const told = cancelled(before);
  await cancellations.ask('task');
  await told;
  expect(left.cancelled).toBe(false);
  expect(watch.enter('task').heard).toBe(true);
  expect(watch.enter('other').heard).toBe(false);
});

test('what is asked for twice is noted once, for the job that carries the task', async () => {
  const { cancellations, keyPrefix, redis } = await setUp();
  await cancellations.ask('task');
  const [first] = await cancellations.open();
  await cancellations.ask('task');
  expect(await cancellations.open()).toEqual([first]);
  expect(await cancellations.includes('task', 'job')).toBe(true);
  expect(await cancellations.includes('task', 'a later job')).toBe(false);
  await cancellations.strike('task');
  expect(await redis.exists(cancellationsKey(keyPrefix))).toBe(0);
});

test('nothing is noted of a task that is unknown or has its result', async () => {
  const { cancellations, keyPrefix, redis } = await setUp();
  expect(await cancellations.ask('nobody')).toEqual({ status: 'unknown', jobId: '' });
  await redis.set(`${keyPrefix}:result:task`, '{}');
  expect(await cancellations.ask('task')).toEqual({ status: 'finished', jobId: 'job' });
  expect(await cancellations.open()).toEqual([]);
});
