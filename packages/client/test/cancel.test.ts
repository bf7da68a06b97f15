import { randomUUID } from 'node:crypto';
import { redisSettings } from '@taskwire/config';
import {
  cancellationsKey,
  InvalidRequestError,
  newTaskId,
  resultKey,
  type TaskResult,
  taskKey,
} from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { NoAnswerError, NoProcessorError, TaskwireClient } from '../src/index.ts';

const redisUrl = inject('redisUrl');
const timestamp = '2026-11-21T12:00:00.123Z';

/** A client, and what stands in for a processor: it is told of each task that is to be cancelled. */
async function setUp(processor?: (taskId: string, api: Api) => unknown) {
  const id = randomUUID();
  const config = redisSettings({
    url: redisUrl,
    key_prefix: `{test-${id}}`,
    channels: {
      tasks_queue: `tasks-${id}`,
      results_queue: `results-${id}`,
      events: `events-${id}`,
      cancel: `cancel-${id}`,
    },
  });
  const { channels, key_prefix } = config;
  const client = new TaskwireClient(config, { via: 'channel' });
  const [redis, subscriber] = [new Redis(redisUrl), new Redis(redisUrl)];
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    redis.disconnect();
    subscriber.disconnect();
  });
  const taskId = newTaskId();
  const api: Api = {
    event: (event) => redis.publish(channels.events, JSON.stringify({ task_id: taskId, timestamp, ...event })),
    store: async (result) => void (await redis.set(resultKey(key_prefix, taskId), JSON.stringify(result))),
    publish: (result) => redis.publish(channels.results, JSON.stringify(result)),
    flag: async () => void (await redis.hset(cancellationsKey(key_prefix), taskId, 'job|1')),
    // As another request with this id would be answered.
    conflict: () => redis.publish(channels.results, JSON.stringify(resultOf(taskId, 'task_id_conflict'))),
  };
  if (processor) {
    // What it says last may still be on its way when the test is over.
    const answer = async (message: string) => processor(JSON.parse(message).task_id, api);
    subscriber.on('message', (_channel, message) => void answer(message).catch(() => undefined));
    await subscriber.subscribe(channels.cancel);
  }
  await redis.set(taskKey(key_prefix, taskId), 'fingerprint|job|');
  return { client, taskId, api, forget: () => redis.del(taskKey(key_prefix, taskId)) };
}

interface Api {
  event: (event: object) => Promise<number>;
  store: (result: TaskResult) => Promise<void>;
  publish: (result: TaskResult) => Promise<number>;
  flag: () => Promise<void>;
  conflict: () => Promise<number>;
}

function resultOf(taskId: string, end: 'completed' | 'cancelled' | 'task_id_conflict'): TaskResult {
  const about = { task_id: taskId, task_type: 'a', user_id: null, metadata: {}, timestamp };
  const run = { attempts: 1, duration_ms: 1, queued_ms: 1 };
  return end === 'completed'
    ? { ...about, status: 'completed', result: {}, ...run }
    : { ...about, status: 'error', error: 'x', error_code: end, ...run };
}

test.each(['cancelled', 'completed'] as const)('tells that the task has ended meanwhile: %s', async (end) => {
  const { client, taskId } = await setUp(async (id, { store, publish }) => {
    await store(resultOf(id, end));
    await publish(resultOf(id, end));
  });
  const status = end === 'completed' ? 'finished' : 'cancelled';
  expect(await client.cancel(taskId)).toEqual({ status, result: resultOf(taskId, end) });
});

test.each(['cancelled', 'completed'] as const)('tells how a task had ended before: %s', async (end) => {
  const { client, taskId, api } = await setUp((_id, { event }) =>
    event({ event: 'cancel_refused', reason: 'finished' }),
  );
  await api.store(resultOf(taskId, end));
  const status = end === 'completed' ? 'finished' : 'cancelled';
  expect(await client.cancel(taskId)).toEqual({ status, result: resultOf(taskId, end) });
});

test('tells that there is no such task', async () => {
  const { client, taskId } = await setUp((_id, { event }) => event({ event: 'cancel_refused', reason: 'unknown' }));
  expect(await client.cancel(taskId)).toEqual({ status: 'unknown' });
});

test('waits for the end of a running task, and takes the answer to another message for none', async () => {
  const { client, taskId } = await setUp(async (id, { event, conflict, store, publish }) => {
    await event({ event: 'cancel_requested' });
    await conflict();
    await store(resultOf(id, 'cancelled'));
    await publish(resultOf(id, 'cancelled'));
  });
  expect(await client.cancel(taskId)).toMatchObject({ status: 'cancelled' });
});

test.each([0, 50])('with a limit of %i ms it does not wait for the end, but for the answer', async (timeoutMs) => {
  const { client, taskId } = await setUp((_id, { event }) => event({ event: 'cancel_requested' }));
  expect(await client.cancel(taskId, { timeoutMs })).toEqual({ status: 'requested' });
});

test('finds an end whose message was lost', async () => {
  const { client, taskId } = await setUp(async (id, { event, store }) => {
    await store(resultOf(id, 'cancelled'));
    await event({ event: 'cancel_requested' });
  });
  expect(await client.cancel(taskId, { timeoutMs: 50 })).toMatchObject({ status: 'cancelled' });
});

test('when no answer comes for 5 s, it looks for itself', async () => {
  const outcomeWhen = async (prepare: (setting: Awaited<ReturnType<typeof setUp>>) => unknown) => {
    const setting = await setUp(() => undefined);
    await prepare(setting);
    return setting.client.cancel(setting.taskId, { timeoutMs: 0 });
  };
  const [flagged, ended, unknown, silent] = await Promise.allSettled([
    outcomeWhen(({ api }) => api.flag()),
    outcomeWhen(({ api, taskId }) => api.store(resultOf(taskId, 'cancelled'))),
    outcomeWhen(({ forget }) => forget()),
    outcomeWhen(() => undefined),
  ]);
  expect(flagged).toMatchObject({ value: { status: 'requested' } });
  expect(ended).toMatchObject({ value: { status: 'cancelled' } });
  expect(unknown).toMatchObject({ value: { status: 'unknown' } });
  expect(silent).toMatchObject({ reason: expect.any(NoAnswerError) });
});

test('fails when nobody hears it, or when no task can have this id', async () => {
  const { client, taskId } = await setUp();
  await expect(client.cancel(taskId)).rejects.toThrow(NoProcessorError);
  await expect(client.cancel('a b')).rejects.toThrow(InvalidRequestError);
});
