import { ServiceMetrics } from '@taskwire/monitoring';
import { newTaskId, removalsKey, resultKey, taskKey } from '@taskwire/protocol';
import { JobRemoval, type TaskJob } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import { type Announcer, TaskStore } from '@taskwire/store';
import { type Recorded, type Stack, startStack } from '@taskwire/testing';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type BoardServer, startBoard, TASKS_FOLDER } from './board-server.ts';

let stack: Stack;
let board: BoardServer;

// No worker: what is published waits.
beforeEach(async () => {
  const env = { TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER };
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor'], env });
  board = await startBoard(stack.config);
});

afterEach(async () => {
  await board?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

/** Publishes a task and gives its ids when it is in its queue. */
async function waiting(more: object = {}): Promise<{ taskId: string; job: string }> {
  const taskId = newTaskId();
  await stack.publish({ task_id: taskId, task_type: 'reverse_string', parameters: { text: 'abc' }, ...more });
  await stack.event(taskId, 'accepted');
  return { taskId, job: await board.jobOf(taskId) };
}

function results(): Recorded['message'][] {
  const { results } = stack.config.redis.channels;
  return stack.recorder.all.filter(({ channel }) => channel === results).map(({ message }) => message);
}

test('the task of a removed job ends in the error cancelled, which names who removed it', async () => {
  const { taskId, job } = await waiting({ user_id: 7, metadata: { a: 1 } });
  expect(await board.ask('PUT', `/api/queues/default/${job}/clean`)).toMatchObject({ status: 204 });
  const result = await stack.result(taskId);
  expect(result).toEqual({
    task_id: taskId,
    task_type: 'reverse_string',
    user_id: 7,
    metadata: { a: 1 },
    status: 'error',
    error: 'Removed in the dashboard by ada',
    error_code: 'cancelled',
    timestamp: expect.any(String),
    attempts: 0,
    duration_ms: expect.any(Number),
    queued_ms: expect.any(Number),
  });
  expect(await stack.event(taskId, 'finished')).toMatchObject({ status: 'error' });
  const stored = await stack.redis.get(resultKey(stack.config.redis.key_prefix, taskId));
  expect(JSON.parse(stored ?? '')).toEqual(result);
  expect(await board.queue().getJob(job)).toBeUndefined();
});

test.each([{ delay_ms: 60_000 }, { priority: 5 }])('so does one that waits because of %o', async (more) => {
  const { taskId, job } = await waiting(more);
  await board.ask('PUT', `/api/queues/default/${job}/clean`);
  expect(await stack.result(taskId)).toMatchObject({ error_code: 'cancelled' });
});

test('it is told on the channel that the request named, too', async () => {
  const reply_to = `results-to-${newTaskId()}`;
  const subscriber = stack.redis.duplicate();
  const heard = Promise.withResolvers<string>();
  subscriber.on('message', (_channel, message) => heard.resolve(message));
  await subscriber.subscribe(reply_to);
  const { taskId, job } = await waiting({ reply_to });
  await board.ask('PUT', `/api/queues/default/${job}/clean`);
  expect(JSON.parse(await heard.promise)).toMatchObject({ task_id: taskId, error_code: 'cancelled' });
  subscriber.disconnect();
});

test('a job that a worker holds is cancelled, and stays as a failed one', async () => {
  const { taskId, job } = await waiting({ task_type: 'log_run', parameters: { file: '/dev/null', run_ms: 60_000 } });
  await stack.start('worker');
  await stack.event(taskId, 'started');
  expect(await board.ask('PUT', `/api/queues/default/${job}/clean`)).toMatchObject({ status: 204 });
  expect(await stack.result(taskId)).toMatchObject({ error_code: 'cancelled', error: 'Cancelled while it ran' });
  await expect.poll(() => board.queue().getJobState(job)).toBe('failed');
});

test('jobs that workers hold are not cleaned away, and nothing is told', async () => {
  const { taskId, job } = await waiting({ task_type: 'log_run', parameters: { file: '/dev/null', run_ms: 60_000 } });
  await stack.start('worker');
  await stack.event(taskId, 'started');
  const { status, body } = await board.ask('PUT', '/api/queues/default/clean/active');
  expect({ status, ...body }).toMatchObject({ status: 409, message: expect.stringMatching(/held by workers/) });
  expect(await board.queue().getJobState(job)).toBe('active');
  expect(results()).toEqual([]);
});

test.each([
  ['Remove', (job: string) => `/api/queues/default/${job}/clean`],
  ['empty', () => '/api/queues/default/empty'],
])('%s leaves a job with a checkpoint to the worker that ends what goes on elsewhere', async (_, path) => {
  const { taskId, job } = await waiting();
  const usual = await waiting();
  await new TaskStore({ redis: stack.redis, config: stack.config }).checkpoint({ taskId, jobId: job, start: 1 }, '3');
  // As if a worker had begun it.
  await stack.redis.hset(`${stack.config.redis.key_prefix}:default:${job}`, 'ats', 1);
  expect(await board.ask('PUT', path(job))).toMatchObject({ status: expect.toBeOneOf([200, 204]) });
  await stack.event(taskId, 'cancel_requested');
  expect(await board.queue().getJob(job)).toBeDefined();
  expect(results().filter(({ task_id }) => task_id !== usual.taskId)).toEqual([]);
  await stack.start('worker');
  expect(await stack.result(taskId)).toMatchObject({ error_code: 'cancelled' });
});

test('a job that has ended is just removed', async () => {
  const { taskId, job } = await waiting();
  await stack.start('worker');
  await stack.result(taskId);
  await expect.poll(() => board.queue().getJobState(job)).toBe('completed');
  // As after results.ttl_seconds: a job may be kept longer.
  await stack.redis.del(resultKey(stack.config.redis.key_prefix, taskId));
  expect(await board.ask('PUT', `/api/queues/default/${job}/clean`)).toMatchObject({ status: 204 });
  expect(await board.queue().getJob(job)).toBeUndefined();
  // What is published afterwards comes afterwards.
  const later = await waiting();
  await stack.result(later.taskId);
  expect(results().map(({ task_id }) => task_id)).toEqual([taskId, later.taskId]);
});

test('emptying a queue gives each waiting task its one result, and leaves delayed ones', async () => {
  const tasks = Array.from({ length: 250 }, (_, index) => ({
    task_id: newTaskId(),
    task_type: 'reverse_string',
    parameters: { text: 'abc' },
    ...(index % 5 === 0 && { priority: 1 + (index % 3) }),
  }));
  for (const task of tasks) await stack.publish(task);
  const delayed = await waiting({ delay_ms: 60_000 });
  await stack.event((tasks.at(-1) as { task_id: string }).task_id, 'accepted');
  expect(await board.ask('PUT', '/api/queues/default/empty')).toMatchObject({ status: 200 });
  await Promise.all(tasks.map(({ task_id }) => stack.result(task_id)));
  expect(
    results()
      .map(({ task_id, error_code }) => `${task_id} ${error_code}`)
      .toSorted(),
  ).toEqual(tasks.map(({ task_id }) => `${task_id} cancelled`).toSorted());
  expect(await board.queue().getJobCounts('waiting', 'prioritized', 'delayed')).toEqual({
    waiting: 0,
    prioritized: 0,
    delayed: 1,
  });
  expect(await stack.redis.exists(removalsKey(stack.config.redis.key_prefix))).toBe(0);
  expect(await board.queue().getJobState(delayed.job)).toBe('delayed');
});

test('emptied while a worker takes tasks, each task still has one result', async () => {
  const worker = stack.start('worker');
  const ids = Array.from({ length: 400 }, () => newTaskId());
  for (const task_id of ids) {
    await stack.publish({ task_id, task_type: 'log_run', parameters: { file: '/dev/null', run_ms: 2000 } });
  }
  await worker;
  await stack.event(ids[0] as string, 'started');
  await board.ask('PUT', '/api/queues/default/empty');
  await Promise.all(ids.map((id) => stack.result(id)));
  expect(
    results()
      .map(({ task_id }) => task_id)
      .toSorted(),
  ).toEqual(ids.toSorted());
  const ends = new Set(results().map(({ status, error_code }) => error_code ?? status));
  expect(ends).toEqual(new Set(['completed', 'cancelled']));
});

test('cleaning the delayed tasks does the same for those added longer than 5 s ago', async () => {
  const old = await waiting({ delay_ms: 60_000 });
  const key = `${stack.config.redis.key_prefix}:default:${old.job}`;
  await stack.redis.hset(key, 'timestamp', Date.now() - 6000);
  const young = await waiting({ delay_ms: 60_000 });
  await board.ask('PUT', '/api/queues/default/clean/delayed');
  expect(await stack.result(old.taskId)).toMatchObject({ error_code: 'cancelled' });
  expect(await board.queue().getJobState(young.job)).toBe('delayed');
});

test('a job that carries no task is removed without a word', async () => {
  const job = await board.queue().add('foreign', 'no task' as never);
  expect(await board.ask('GET', `/api/queues/default/${job.id}`)).toMatchObject({ body: { job: { data: 'no task' } } });
  expect(await board.ask('PUT', `/api/queues/default/${job.id}/clean`)).toMatchObject({ status: 204 });
  expect(await board.queue().getJobCounts('waiting')).toEqual({ waiting: 0 });
});

test('what a queue knows of itself is no job', async () => {
  await board.queue().pause();
  expect(await board.ask('PUT', '/api/queues/default/meta/clean')).toMatchObject({ status: 404 });
  expect(await board.queue().isPaused()).toBe(true);
});

/** Like a dashboard that dies before it can report what it has removed. */
function dyingRemoval(): JobRemoval {
  const { redis, config } = stack;
  const announcer = { final: () => new Promise(() => undefined) } as unknown as Announcer;
  const store = new TaskStore({ redis, config });
  const keyPrefix = config.redis.key_prefix;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const registry = { get: () => undefined };
  return new JobRemoval({ redis, keyPrefix, announcer, store, registry, metrics: new ServiceMetrics(), logger });
}

/** As `waiting`, and begins to remove the job like a dashboard that dies too early to report it. */
async function removedInSilence() {
  const ids = await waiting();
  void dyingRemoval().removeOne((await board.queue().getJob(ids.job)) as TaskJob, 'Removed in the dashboard by ada');
  await expect.poll(() => board.queue().getJob(ids.job)).toBeUndefined();
  await makeOld(ids);
  return ids;
}

/** As if this was written into the journal a minute ago. */
async function makeOld({ job, taskId }: { job: string; taskId: string }): Promise<void> {
  const key = removalsKey(stack.config.redis.key_prefix);
  const entry = JSON.parse((await stack.redis.hget(key, `${job} ${taskId}`)) ?? '');
  await stack.redis.hset(key, `${job} ${taskId}`, JSON.stringify({ ...entry, at: entry.at - 60_000 }));
}

function journalLength(): Promise<number> {
  return stack.redis.hlen(removalsKey(stack.config.redis.key_prefix));
}

test('a removal that a dashboard did not live to tell of is told of by the processor', async () => {
  const removed = await removedInSilence();
  expect(await stack.result(removed.taskId)).toMatchObject({
    error_code: 'cancelled',
    error: 'Removed in the dashboard by ada',
  });
  await expect.poll(journalLength).toBe(0);
});

test('a removal that did not come about is forgotten', async () => {
  const kept = await waiting();
  const job = (await board.queue().getJob(kept.job)) as TaskJob;
  const failing = Object.create(job, { remove: { value: () => Promise.reject(new Error('Connection is closed.')) } });
  await expect(dyingRemoval().removeOne(failing, 'Removed')).rejects.toThrow('closed');
  await makeOld(kept);
  await expect.poll(journalLength).toBe(0);
  expect(await board.queue().getJobState(kept.job)).toBe('waiting');
  expect(results()).toEqual([]);
});

test('a removal under way is left to who is at it, and a task that has ended since gets no second result', async () => {
  const underWay = await removedInSilence();
  const key = removalsKey(stack.config.redis.key_prefix);
  const field = `${underWay.job} ${underWay.taskId}`;
  const entry = JSON.parse((await stack.redis.hget(key, field)) ?? '');
  await stack.redis.hset(key, field, JSON.stringify({ ...entry, at: Date.now() }));
  const ended = await removedInSilence();
  // As after results.ttl_seconds.
  await stack.redis.del(taskKey(stack.config.redis.key_prefix, ended.taskId));
  await expect.poll(journalLength).toBe(1);
  const later = await waiting();
  await board.ask('PUT', `/api/queues/default/${later.job}/clean`);
  await stack.result(later.taskId);
  expect(results().map(({ task_id }) => task_id)).toEqual([later.taskId]);
});
