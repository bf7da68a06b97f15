import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { resultKey, type TaskRequest, taskKey } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { type Candidate, TaskStore } from '../src/task-store.ts';

const redisUrl = inject('redisUrl');

/** Processors that share a Redis, with keys that no other test uses. */
async function setUp() {
  const id = randomUUID();
  const keyPrefix = `{test-${id}}`;
  const env = privateEnvironment({
    REDIS_URL: redisUrl,
    TASKWIRE_REDIS_KEY_PREFIX: keyPrefix,
    TASKWIRE_REDIS_CHANNELS_EVENTS: `events-${id}`,
  });
  const config = loadConfig({ env });
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());
  const processor = (instance = 'leader') => {
    const own = new Redis(redisUrl);
    onTestFinished(() => own.disconnect());
    const store = new TaskStore({ redis: own, config });
    return async (candidates: Candidate[], answerer = instance) =>
      (await store.admit(candidates, instance, answerer)).admissions;
  };
  const finish = (taskId: string) => redis.set(resultKey(keyPrefix, taskId), `the result of ${taskId}`);
  return { redis, config, keyPrefix, processor, finish };
}

let jobs = 0;

function task(task_id: string, more: Partial<TaskRequest> = {}): Candidate {
  const request = { task_id, task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7, metadata: {} };
  jobs += 1;
  const submission = `submission-${jobs}`;
  return { request: { ...request, ...more }, jobId: `t-${task_id}.${jobs}`, queue: 'default', submission };
}

test('a new task is new, and it is known where its job is', async () => {
  const { processor, redis, config } = await setUp();
  const candidate = task('t');
  expect(await processor()([candidate])).toEqual([{ status: 'new' }]);
  const place = await new TaskStore({ redis, config }).placeOf('t');
  expect(place).toEqual({ jobId: candidate.jobId, queue: 'default', hasCheckpoint: false });
});

test('tells whether somebody listens to events: the channel, or a pattern', async () => {
  const { redis, config } = await setUp();
  const store = new TaskStore({ redis, config });
  const isHeard = async () => (await store.admit([task('t')], 'leader', 'leader')).isHeard;
  expect(await isHeard()).toBe(false);
  const listener = new Redis(redisUrl);
  onTestFinished(() => listener.disconnect());
  await listener.subscribe(config.redis.channels.events);
  expect(await isHeard()).toBe(true);
  await listener.unsubscribe();
  expect(await isHeard()).toBe(false);
  await listener.psubscribe('some-*');
  expect(await isHeard()).toBe(true);
});

test('each task of a batch has its own answer, in order', async () => {
  const { processor, finish } = await setUp();
  const admit = processor();
  await admit([task('old'), task('taken')]);
  await finish('old');
  const first = task('new');
  expect(await admit([first, task('old'), task('taken', { user_id: 8 }), task('new')])).toEqual([
    { status: 'new' },
    { status: 'ended', message: 'the result of old' },
    { status: 'conflict' },
    { status: 'under_way', jobId: first.jobId, queue: 'default' },
  ]);
  expect(await admit([])).toEqual([]);
});

test('asked again while it is under way, a task keeps its job: adding that changes nothing', async () => {
  const admit = (await setUp()).processor();
  const first = task('t');
  await admit([first]);
  expect(await admit([task('t')])).toEqual([{ status: 'under_way', jobId: first.jobId, queue: 'default' }]);
});

test('what does not make another task does not make a conflict', async () => {
  const admit = (await setUp()).processor();
  const first = task('t');
  await admit([first]);
  const again = task('t', { metadata: { page: 3 }, reply_to: 'results:me', priority: 5, delay_ms: 10, attempts: 2 });
  expect(await admit([again])).toMatchObject([{ status: 'under_way', jobId: first.jobId }]);
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
  expect(await admit([task('t', other)])).toEqual([{ status: 'conflict' }]);
  await finish('t');
  expect(await admit([task('t', other)])).toEqual([{ status: 'conflict' }]);
  expect(await admit([task('t')])).toEqual([{ status: 'ended', message: 'the result of t' }]);
});

test('asked again when it has its result, a task is not enqueued', async () => {
  const { processor, finish } = await setUp();
  const admit = processor();
  await admit([task('t')]);
  await finish('t');
  expect(await admit([task('t')])).toEqual([{ status: 'ended', message: 'the result of t' }]);
  expect(await admit([task('t')])).toEqual([{ status: 'ended', message: 'the result of t' }]);
});

test('the submission that made a task, taken again, is no asking again: its job may be missing, its result is told', async () => {
  const { processor, finish } = await setUp();
  const made = task('t');
  await processor('dead')([made]);
  const again = { ...made, jobId: 't-t.other' };
  expect(await processor()([again])).toEqual([{ status: 'under_way', jobId: made.jobId, queue: 'default' }]);
  await finish('t');
  expect(await processor()([again])).toEqual([{ status: 'ended', message: undefined }]);
  expect(await processor()([task('t')])).toEqual([{ status: 'ended', message: 'the result of t' }]);
});

test('several processors that hear the same message mean the same job', async () => {
  const { processor } = await setUp();
  const processors = [processor(), processor(), processor()];
  const answers = (await Promise.all(processors.map((admit) => admit([task('t')])))).flat();
  expect(answers.map(({ status }) => status).toSorted()).toEqual(['new', 'under_way', 'under_way']);
  expect(new Set(answers.flatMap((answer) => ('jobId' in answer ? answer.jobId : []))).size).toBe(1);
});

test('the copy of a leader that another processor has overtaken is no asking again', async () => {
  const { processor, finish } = await setUp();
  const [leader, follower] = [processor('leader'), processor('follower')];
  await follower([task('ended'), task('waits')], 'leader');
  await finish('ended');
  expect(await leader([task('ended'), task('waits')])).toEqual([
    { status: 'ended', message: undefined },
    { status: 'under_way', jobId: expect.stringMatching(/^t-waits\./), queue: 'default' },
  ]);
  expect(await leader([task('ended')])).toEqual([{ status: 'ended', message: 'the result of ended' }]);
});

test('asked again of another leader than the one whose copy never came, a task is answered', async () => {
  const { processor, finish } = await setUp();
  const follower = processor('follower');
  await follower([task('t')], 'killed');
  await finish('t');
  expect(await follower([task('t')], 'follower')).toEqual([{ status: 'ended', message: 'the result of t' }]);
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

test('what format 1 said of a task is understood, and what a later format says more is kept', async () => {
  const { processor, redis, keyPrefix } = await setUp();
  const admit = processor('leader');
  await admit([task('t')]);
  const [fingerprint] = String(await redis.get(taskKey(keyPrefix, 't'))).split('|');
  await redis.set(taskKey(keyPrefix, 't'), `${fingerprint}|t-t.old|leader`);
  expect(await admit([task('t')])).toEqual([{ status: 'under_way', jobId: 't-t.old', queue: '' }]);
  await redis.set(taskKey(keyPrefix, 't'), `${fingerprint}|t-t.old|leader|default|s|more|and more`);
  const own = task('t');
  expect(await admit([own])).toEqual([{ status: 'under_way', jobId: 't-t.old', queue: 'default' }]);
  expect(await redis.get(taskKey(keyPrefix, 't'))).toBe(
    `${fingerprint}|t-t.old||default|${own.submission}|more|and more`,
  );
});
