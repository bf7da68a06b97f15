import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cancellationsKey, newTaskId, reopenedKey, resultKey, runKey, taskKey } from '@taskwire/protocol';
import { JobRetry, type TaskJob, tasksOf } from '@taskwire/queue';
import { TaskStore } from '@taskwire/store';
import { type Recorded, type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type BoardServer, startBoard, TASKS_FOLDER } from './board-server.ts';

let stack: Stack;
let board: BoardServer;
let prefix: string;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-retry-'));

beforeAll(async () => {
  const env = { TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER };
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'], env });
  board = await startBoard(stack.config);
  prefix = stack.config.redis.key_prefix;
});

afterAll(async () => {
  await board?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const isResult = ({ channel }: Recorded) => channel === stack.config.redis.channels.results;

function resultsOf(taskId: string): Recorded['message'][] {
  return stack.recorder.all.filter((one) => isResult(one) && one.message.task_id === taskId).map((one) => one.message);
}

async function secondResult(taskId: string): Promise<Recorded['message']> {
  await stack.recorder.first(() => resultsOf(taskId).length === 2);
  return resultsOf(taskId)[1];
}

function idOf(job: TaskJob): string {
  return tasksOf(job)[0]?.task_id as string;
}

async function failedJob(taskId: string): Promise<TaskJob> {
  await stack.result(taskId);
  const id = await board.jobOf(taskId);
  await expect.poll(() => board.queue().getJobState(id)).toBe('failed');
  return (await board.queue().getJob(id)) as TaskJob;
}

/** A task that hits its time limit the first time, and succeeds when it runs again. */
async function failAtFirst(): Promise<TaskJob> {
  const task_id = newTaskId();
  const parameters = { file: join(folder, task_id), endless_at_first: true };
  await stack.publish({ task_id, task_type: 'log_run', parameters, timeout_ms: 100, user_id: 7 });
  return failedJob(task_id);
}

async function failForGood(): Promise<TaskJob> {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'fail_at_first', parameters: { failures: 99 } });
  return failedJob(task_id);
}

test('a failed task that is retried gets a new result, stored and published, without the log of the old one', async () => {
  const job = await failAtFirst();
  const task_id = idOf(job);
  expect(resultsOf(task_id)).toMatchObject([{ status: 'error', error_code: 'timeout', attempts: 1 }]);
  expect(await stack.redis.get(runKey(prefix, task_id))).toContain('runs for long');
  expect(await board.ask('PUT', `/api/queues/default/${job.id}/retry`)).toMatchObject({ status: 204 });
  const result = await secondResult(task_id);
  expect(result).toMatchObject({ status: 'completed', result: { done: true }, user_id: 7, attempts: 1 });
  expect(JSON.parse((await stack.redis.get(resultKey(prefix, task_id))) ?? '')).toEqual(result);
  expect(await stack.redis.exists(runKey(prefix, task_id))).toBe(0);
  await expect.poll(() => board.queue().getJobState(job.id as string)).toBe('completed');
  const { body } = await board.ask('GET', `/api/queues/default/${job.id}`);
  expect(body.job).toMatchObject({ isFailed: false, stacktrace: [], failedReason: '' });
});

test('it is as new: all its attempts are left, and lost workers are forgotten', async () => {
  const job = await failForGood();
  await stack.redis.hset(`${job.queueQualifiedName}:${job.id}`, 'stc', 5);
  const key = taskKey(prefix, idOf(job));
  const record = ((await stack.redis.get(key)) ?? '').split('|');
  // The fields of `task-record.lua`: a suspect, with a checkpoint.
  await stack.redis.set(key, [...record.slice(0, 5), '4:deadbeef:5', '3:"deadbeef"'].join('|'));
  await board.ask('PUT', `/api/queues/default/${job.id}/retry`);
  expect(await secondResult(idOf(job))).toMatchObject({ error_code: 'task_failed', attempts: 3 });
  expect(await stack.redis.get(key)).not.toContain('deadbeef');
});

test('a completed task may be run again', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
  await stack.result(task_id);
  const id = await board.jobOf(task_id);
  await expect.poll(() => board.queue().getJobState(id)).toBe('completed');
  expect(await board.ask('PUT', `/api/queues/default/${id}/retry`)).toMatchObject({ status: 204 });
  expect(await secondResult(task_id)).toMatchObject({ status: 'completed' });
});

test('while it waits for its new run it is known, and has no result', async () => {
  const job = await failForGood();
  const task_id = idOf(job);
  await board.queue().pause();
  await board.ask('PUT', `/api/queues/default/${job.id}/retry`);
  expect(await stack.redis.get(resultKey(prefix, task_id))).toBeNull();
  expect(await stack.redis.ttl(taskKey(prefix, task_id))).toBeGreaterThan(6 * 24 * 60 * 60);
  await board.queue().resume();
  await secondResult(task_id);
});

test('when BullMQ refuses, the result stays, and so does its time to live', async () => {
  const job = await failForGood();
  const task_id = idOf(job);
  const key = resultKey(prefix, task_id);
  const before = await stack.redis.get(key);
  const retry = new JobRetry(new TaskStore({ redis: board.redis, config: stack.config }));
  await expect(retry.retry(job, 'completed')).rejects.toThrow('not in the completed state');
  expect(await stack.redis.get(key)).toBe(before);

  const refusing = Object.create(job, { retry: { value: () => Promise.reject(new Error('refused')) } });
  await expect(retry.retry(refusing, 'failed')).rejects.toThrow('refused');
  expect(await stack.redis.get(key)).toBe(before);
  const ttl = stack.config.results.ttl_seconds;
  for (const kept of [key, taskKey(prefix, task_id), runKey(prefix, task_id)]) {
    expect(await stack.redis.ttl(kept)).toSatisfy((seconds: number) => seconds > ttl - 60 && seconds <= ttl);
  }
});

test('a retry that a web server did not live to finish gives the old result back', async () => {
  const job = await failForGood();
  const task_id = idOf(job);
  const result = await stack.redis.get(resultKey(prefix, task_id));
  const store = new TaskStore({ redis: board.redis, config: stack.config });
  const keyOf = (name: string) => `${job.queueQualifiedName}:${name}`;
  await store.reopen(
    { taskId: task_id, jobId: job.id as string, queue: job.queueName, keyOf },
    { state: 'failed', endedAt: job.finishedOn },
  );
  expect(await stack.redis.get(resultKey(prefix, task_id))).toBeNull();
  await stack.redis.hset(cancellationsKey(prefix), task_id, `${job.id}|${Date.now()}`);
  // As if some seconds had gone by.
  const entry = (await stack.redis.hget(reopenedKey(prefix), job.id as string)) as string;
  await stack.redis.hset(reopenedKey(prefix), job.id as string, entry.replace(/^\d+/, '0'));
  await expect.poll(() => stack.redis.get(resultKey(prefix, task_id))).toBe(result);
  expect(await stack.redis.get(runKey(prefix, task_id))).toContain('attempt 3 fails');
  expect(await stack.redis.exists(reopenedKey(prefix), cancellationsKey(prefix))).toBe(0);
});

test('a retry keeps its order also in a Redis that has lost its scripts', async () => {
  const job = await failAtFirst();
  await stack.redis.script('FLUSH');
  expect(await board.ask('PUT', `/api/queues/default/${job.id}/retry`)).toMatchObject({ status: 204 });
  expect(await secondResult(idOf(job))).toMatchObject({ status: 'completed' });
});

test('a job whose task id belongs to another job by now is not retried', async () => {
  const job = await failForGood();
  const task_id = idOf(job);
  const known = (await stack.redis.get(taskKey(prefix, task_id))) as string;
  await stack.redis.set(taskKey(prefix, task_id), known.replace(job.id as string, 't-newer.1'));
  const result = await stack.redis.get(resultKey(prefix, task_id));
  const { status, body } = await board.ask('PUT', `/api/queues/default/${job.id}/retry`);
  expect({ status, message: body.message }).toEqual({ status: 409, message: expect.stringContaining('t-newer.1') });
  expect(await stack.redis.get(resultKey(prefix, task_id))).toBe(result);

  const other = await failAtFirst();
  const counts = await board.queue().getJobCounts('failed');
  const all = await board.ask('PUT', '/api/queues/default/retry/failed');
  expect(all).toMatchObject({ status: 200, body: { retried: (counts.failed ?? 0) - 1, skipped: 1 } });
  expect(await secondResult(idOf(other))).toMatchObject({ status: 'completed' });
});

test('a retry is of the run that was seen: of two servers that see a failed task, one runs it again', async () => {
  const job = await failForGood();
  const task_id = idOf(job);
  const seen = (await board.queue().getJob(job.id as string)) as TaskJob;
  const retry = new JobRetry(new TaskStore({ redis: board.redis, config: stack.config }));
  await retry.retry(job, 'failed');
  await secondResult(task_id);
  await expect.poll(() => board.queue().getJobState(job.id as string)).toBe('failed');
  await expect(retry.retry(seen, 'failed')).rejects.toThrow('Somebody else retries this task.');
  expect(resultsOf(task_id)).toHaveLength(2);

  const other = await failForGood();
  const same = (await board.queue().getJob(other.id as string)) as TaskJob;
  const both = await Promise.allSettled([retry.retry(other, 'failed'), retry.retry(same, 'failed')]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  await secondResult(idOf(other));
});

test('a job that runs cannot be retried', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'a' }, delay_ms: 60_000 });
  await stack.event(task_id, 'accepted');
  const { status } = await board.ask('PUT', `/api/queues/default/${await board.jobOf(task_id)}/retry`);
  expect(status).toBe(400);
});
