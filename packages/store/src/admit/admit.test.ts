import { randomUUID } from 'node:crypto';
import type { ValidTask } from '@taskwire/admission';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { resultKey, type TaskRequest, taskKey } from '@taskwire/protocol';
import { TaskRegistry } from '@taskwire/tasks';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createAdmit } from './admit.ts';

const redisUrl = inject('redisUrl');
const definition = new TaskRegistry().get('reverse_string') as ValidTask['definition'];

/** Processors that share a Redis, with keys that no other test uses. */
async function setUp() {
  const id = randomUUID();
  const keyPrefix = `{test-${id}}`;
  const env = privateEnvironment({
    REDIS_URL: redisUrl,
    TASKWIRE_REDIS_KEY_PREFIX: keyPrefix,
  });
  const config = loadConfig({ env });
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  const processor = (instance = 'leader') => {
    const own = new Redis(redisUrl);
    onTestFinished(() => own.disconnect());
    const admit = createAdmit({ redis: own, config, instance });
    return (tasks: ValidTask[], leader = instance) => admit(tasks, leader);
  };
  const finish = (taskId: string) => redis.set(resultKey(keyPrefix, taskId), `the result of ${taskId}`);
  return { redis, config, keyPrefix, processor, finish };
}

function task(task_id: string, more: Partial<TaskRequest> = {}): ValidTask {
  const request = { task_id, task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7, metadata: {} };
  return { request: { ...request, ...more }, definition };
}

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

test('several processors that hear the same message mean the same job', async () => {
  const { processor } = await setUp();
  const processors = [processor(), processor(), processor()];
  const answers = (await Promise.all(processors.map((admit) => admit([task('t')])))).flat();
  expect(answers.map(([status]) => status)).toEqual(['enqueue', 'enqueue', 'enqueue']);
  expect(new Set(answers.map(([, job]) => job)).size).toBe(1);
});

test('the copy of a leader that another processor has overtaken is no asking again', async () => {
  const { processor, finish } = await setUp();
  const [leader, follower] = [processor('leader'), processor('follower')];
  await follower([task('ended'), task('waits')], 'leader');
  await finish('ended');
  expect(await leader([task('ended'), task('waits')])).toEqual([
    ['receipt', ''],
    ['enqueue', expect.stringMatching(/^t-waits\./)],
  ]);
  expect(await leader([task('ended')])).toEqual([['repeat', 'the result of ended']]);
});

test('asked again of another leader than the one whose copy never came, a task is answered', async () => {
  const { processor, finish } = await setUp();
  const follower = processor('follower');
  await follower([task('t')], 'killed');
  await finish('t');
  expect(await follower([task('t')], 'follower')).toEqual([['repeat', 'the result of t']]);
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
