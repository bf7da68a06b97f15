import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { resultKey, type TaskRequest, taskKey } from '@taskwire/protocol';
import { TaskRegistry } from '@taskwire/tasks';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createAdmit } from './admit.ts';
import type { ValidTask } from './validate.ts';

const redisUrl = inject('redisUrl');
const definition = new TaskRegistry().get('reverse_string') as ValidTask['definition'];

/** Processors that share a Redis, with keys that no other test uses, and a number of them that listen. */
async function setUp({ listening = 3 } = {}) {
  const id = randomUUID();
  const keyPrefix = `{test-${id}}`;
  const channel = `tasks-${id}`;
  const env = privateEnvironment({
    REDIS_URL: redisUrl,
    TASKWIRE_REDIS_KEY_PREFIX: keyPrefix,
    TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: channel,
  });
  const config = loadConfig({ env });
  for (let listener = 0; listener < listening; listener += 1) {
    const subscriber = new Redis(redisUrl);
    onTestFinished(() => subscriber.disconnect());
    await subscriber.subscribe(channel);
  }
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  const processor = () => {
    const own = new Redis(redisUrl);
    onTestFinished(() => own.disconnect());
    return createAdmit(own, config);
  };
  /** As if that much time had gone by since the last request for the task. */
  const letPass = async (taskId: string, ms: number) => {
    const key = taskKey(keyPrefix, taskId);
    const known = (await redis.get(key)) ?? '';
    await redis.set(
      key,
      known.replace(/\d+$/, (askedAt) => String(Number(askedAt) - ms)),
      'KEEPTTL',
    );
  };
  const finish = (taskId: string) => redis.set(resultKey(keyPrefix, taskId), `the result of ${taskId}`);
  return { redis, config, keyPrefix, processor, letPass, finish };
}

function task(task_id: string, more: Partial<TaskRequest> = {}): ValidTask {
  const request = { task_id, task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7, metadata: {} };
  return { request: { ...request, ...more }, definition };
}

const LONGER_THAN_COPIES_TAKE = 30_001;

test('a new task is enqueued, as a job that is named after it', async () => {
  const admit = (await setUp()).processor();
  expect(await admit([task('t')])).toEqual([['enqueue', expect.stringMatching(/^t-t\./)]]);
});

test('each task of a batch has its own answer, in order', async () => {
  const { processor, finish } = await setUp();
  const admit = processor();
  await admit([task('old'), task('taken')]);
  await finish('old');
  expect(await admit([task('new'), task('old'), task('taken', { user_id: 8 }), task('new')])).toEqual([
    ['enqueue', expect.stringMatching(/^t-new\./)],
    ['repeat', 'the result of old'],
    ['conflict', ''],
    ['enqueue', expect.stringMatching(/^t-new\./)],
  ]);
  expect(await admit([])).toEqual([]);
});

test('asked again while it is under way, a task keeps its job: adding that changes nothing', async () => {
  const admit = (await setUp()).processor();
  const first = await admit([task('t')]);
  expect(await admit([task('t')])).toEqual(first);
});

test('what does not make another task does not make a conflict', async () => {
  const admit = (await setUp()).processor();
  const first = await admit([task('t')]);
  const again = task('t', { metadata: { page: 3 }, reply_to: 'results:me', priority: 5, delay_ms: 10, attempts: 2 });
  expect(await admit([again])).toEqual(first);
});

test.each<[string, Partial<TaskRequest>]>([
  ['of another type', { task_type: 'sql_query' }],
  ['with other parameters', { parameters: { text: 'abd' } }],
  ['of another user', { user_id: 8 }],
  ['of a user whose id is a text', { user_id: '7' }],
  ['of nobody', { user_id: null }],
])('the id of a task cannot be used for one %s', async (_, other) => {
  const { processor, finish } = await setUp();
  const admit = processor();
  await admit([task('t')]);
  expect(await admit([task('t', other)])).toEqual([['conflict', '']]);
  await finish('t');
  expect(await admit([task('t', other)])).toEqual([['conflict', '']]);
  expect(await admit([task('t')])).toEqual([['repeat', 'the result of t']]);
});

test('asked again when it has its result, a task is not enqueued', async () => {
  const { processor, finish } = await setUp();
  const admit = processor();
  await admit([task('t')]);
  await finish('t');
  expect(await admit([task('t')])).toEqual([['repeat', 'the result of t']]);
  expect(await admit([task('t')])).toEqual([['repeat', 'the result of t']]);
});

test('of several processors that hear the same message one answers, and all mean the same job', async () => {
  const { processor } = await setUp();
  const processors = [processor(), processor(), processor()];
  const answers = (await Promise.all(processors.map((admit) => admit([task('t')])))).flat();
  expect(answers.map(([status]) => status).toSorted()).toEqual(['enqueue', 'enqueue_copy', 'enqueue_copy']);
  expect(new Set(answers.map(([, job]) => job)).size).toBe(1);
});

test('the copy of a message whose task has ended meanwhile is not answered once more', async () => {
  const { processor, finish } = await setUp();
  const [one, other] = [processor(), processor()];
  await one([task('t')]);
  await finish('t');
  expect(await other([task('t')])).toEqual([['copy', '']]);
});

test('of several processors that hear a conflict one answers', async () => {
  const { processor } = await setUp();
  const [one, other] = [processor(), processor()];
  await one([task('t')]);
  expect(await one([task('t', { user_id: 8 })])).toEqual([['conflict', '']]);
  expect(await other([task('t', { user_id: 8 })])).toEqual([['copy', '']]);
});

test('of several processors that hear a task asked for again one answers', async () => {
  const { processor, finish, letPass } = await setUp();
  const [one, other] = [processor(), processor()];
  await one([task('t')]);
  await finish('t');
  await letPass('t', LONGER_THAN_COPIES_TAKE);
  expect(await other([task('t')])).toEqual([['repeat', 'the result of t']]);
  expect(await one([task('t')])).toEqual([['copy', '']]);
});

test('a processor that is alone answers, also right after another one that is gone', async () => {
  const { processor, finish } = await setUp({ listening: 1 });
  const [gone, alone] = [processor(), processor()];
  await gone([task('t')]);
  await finish('t');
  expect(await alone([task('t')])).toEqual([['repeat', 'the result of t']]);
});

test('after a while another processor takes the same request for somebody asking again', async () => {
  const { processor, letPass } = await setUp();
  const [one, other] = [processor(), processor()];
  const first = await one([task('t')]);
  await letPass('t', LONGER_THAN_COPIES_TAKE);
  expect(await other([task('t')])).toEqual(first);
});

test('a task is remembered for its own delay and a week, or as long as its result', async () => {
  const { processor, redis, keyPrefix } = await setUp();
  const admit = processor();
  await admit([task('now'), task('later', { delay_ms: 1_000_500 })]);
  const week = 7 * 24 * 60 * 60;
  const [now, later] = [await redis.ttl(taskKey(keyPrefix, 'now')), await redis.ttl(taskKey(keyPrefix, 'later'))];
  expect([week, week - 1, week - 2]).toContain(now);
  expect([week + 1001, week + 1000, week + 999]).toContain(later);
  await admit([task('later')]);
  expect(await redis.ttl(taskKey(keyPrefix, 'later'))).toBeGreaterThan(week + 900);
});
