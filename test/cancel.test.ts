import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cancellationsKey, eventSchema, newTaskId, removalsKey, resultSchema } from '@taskwire/protocol';
import { type Recorded, type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    env: { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)) },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** All that was said of a task: the kinds of its events, and how its results ended. */
function saidOf(taskId: string): string[] {
  return stack.recorder.all
    .filter(({ message }) => message.task_id === taskId)
    .map(({ message }) => message.event ?? message.error_code ?? message.status);
}

/** Publishes a task that runs until it is cancelled, and resolves when it does. */
async function running(more: object = {}, parameters: object = {}): Promise<string> {
  const task_id = newTaskId();
  const endless = { file: join(folder, task_id), run_ms: 60_000, ...parameters };
  await stack.publish({ task_id, task_type: 'log_run', parameters: endless, ...more });
  await stack.event(task_id, 'started');
  return task_id;
}

/** Resolves when all that was published before has been handled, and told: by the processor and by the worker. */
async function everybodyIsThrough(): Promise<void> {
  const task_id = newTaskId();
  await stack.cancel(task_id);
  await stack.event(task_id, 'cancel_refused');
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'x' } });
  await stack.result(task_id);
}

async function nothingIsLeft(): Promise<void> {
  const { key_prefix } = stack.config.redis;
  await expect.poll(() => stack.redis.exists(cancellationsKey(key_prefix), removalsKey(key_prefix))).toBe(0);
}

function runsOf(taskId: string): number {
  const file = join(folder, taskId);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
}

test('a task that waits for its time is cancelled at once, and never runs', async () => {
  const task_id = newTaskId();
  const request = { task_id, task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7, metadata: { a: 1 } };
  await stack.publish({ ...request, delay_ms: 3_600_000 });
  await stack.event(task_id, 'accepted');
  await stack.cancel(task_id);
  const result = await stack.result(task_id);
  expect(resultSchema.parse(result)).toMatchObject({
    task_type: 'reverse_string',
    user_id: 7,
    metadata: { a: 1 },
    status: 'error',
    error_code: 'cancelled',
    error: 'Cancelled before it ran',
    attempts: 0,
  });
  await everybodyIsThrough();
  expect(saidOf(task_id)).toEqual(['accepted', 'cancelled', 'finished']);
  await nothingIsLeft();
});

test('a task that waits for another attempt is cancelled at once', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'fail_slowly' });
  await stack.event(task_id, 'retrying');
  await stack.cancel(task_id);
  expect(await stack.result(task_id)).toMatchObject({
    error_code: 'cancelled',
    error: 'Cancelled before it was run again',
    attempts: 1,
  });
  await nothingIsLeft();
});

test('a task that runs is told to stop, and ends as soon as it does', async () => {
  const task_id = await running({ user_id: 'ada' }, {});
  await stack.cancel(task_id);
  expect(await stack.result(task_id)).toMatchObject({
    error_code: 'cancelled',
    error: 'Cancelled while it ran',
    attempts: 1,
  });
  const requested = await stack.event(task_id, 'cancel_requested');
  expect(eventSchema.parse(requested)).toMatchObject({ task_type: 'log_run', user_id: 'ada' });
  await everybodyIsThrough();
  expect(saidOf(task_id).filter((said) => said === 'cancelled')).toHaveLength(1);
  expect(saidOf(task_id)).not.toContain('retrying');
  await nothingIsLeft();
});

test('a handler that ignores its signal for 5 s is left alone, and that is said', async () => {
  const task_id = await running({}, { heed_signal: false });
  await stack.cancel(task_id);
  const result = await stack.result(task_id);
  expect(result).toMatchObject({
    error_code: 'cancelled',
    error: 'Cancelled while it ran; its handler did not stop within 5 s and was left alone',
  });
  expect(result.duration_ms).toBeGreaterThanOrEqual(5000);
  const worker = stack.services.find(({ name }) => name === 'worker');
  const lines = worker?.output().split('\n') ?? [];
  const line = lines.find((text) => text.includes(task_id) && text.includes('ignores its signal'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'warn', task_type: 'log_run' });
});

test('cancelled right after it was published, each of 200 tasks has one result: cancelled', async () => {
  const [channel] = stack.config.redis.channels.tasks;
  const ids = Array.from({ length: 200 }, newTaskId);
  for (const task_id of ids) {
    const parameters = { file: join(folder, task_id), run_ms: 60_000 };
    const pipeline = stack.redis.pipeline();
    pipeline.publish(channel, JSON.stringify({ task_id, task_type: 'log_run', parameters }));
    pipeline.publish(stack.config.redis.channels.cancel, JSON.stringify({ task_id }));
    await pipeline.exec();
  }
  await Promise.all(ids.map((id) => stack.result(id)));
  await everybodyIsThrough();
  const results = ids.map((id) => saidOf(id).filter((said) => ['cancelled', 'completed'].includes(said)));
  expect(results).toEqual(ids.map(() => ['cancelled']));
  for (const id of ids) expect(runsOf(id)).toBeLessThanOrEqual(1);
  await nothingIsLeft();
});

test('the same for 200 tasks that are quick, all at once: each has one result, whichever came first', async () => {
  const [channel] = stack.config.redis.channels.tasks;
  const ids = Array.from({ length: 200 }, newTaskId);
  const pipeline = stack.redis.pipeline();
  for (const task_id of ids) {
    pipeline.publish(channel, JSON.stringify({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } }));
    pipeline.publish(stack.config.redis.channels.cancel, JSON.stringify({ task_id }));
  }
  await pipeline.exec();
  await Promise.all(ids.map((id) => stack.result(id)));
  await everybodyIsThrough();
  const ends = ids.map((id) => saidOf(id).filter((said) => ['cancelled', 'completed'].includes(said)));
  for (const end of ends) expect(end).toHaveLength(1);
  await nothingIsLeft();
});

test('what has ended is not cancelled, and its result stands', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
  await stack.result(task_id);
  await stack.cancel(task_id);
  expect(eventSchema.parse(await stack.event(task_id, 'cancel_refused'))).toMatchObject({ reason: 'finished' });
  await everybodyIsThrough();
  expect(saidOf(task_id).toSorted()).toEqual(
    ['accepted', 'started', 'completed', 'finished', 'cancel_refused'].toSorted(),
  );
  await nothingIsLeft();
});

test('cancelling twice is cancelling once', async () => {
  const task_id = await running();
  await Promise.all([stack.cancel(task_id), stack.cancel(task_id)]);
  await stack.result(task_id);
  await stack.cancel(task_id);
  expect(await stack.event(task_id, 'cancel_refused')).toMatchObject({ reason: 'finished' });
  await everybodyIsThrough();
  expect(saidOf(task_id).filter((said) => said === 'cancelled')).toHaveLength(1);
});

test('an id that nobody knows is refused, and does no harm to a later task of that id', async () => {
  const task_id = newTaskId();
  const [channel] = stack.config.redis.channels.tasks;
  const pipeline = stack.redis.pipeline();
  // In one batch: what comes first is handled first.
  pipeline.publish(stack.config.redis.channels.cancel, JSON.stringify({ task_id }));
  pipeline.publish(channel, JSON.stringify({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } }));
  await pipeline.exec();
  expect(await stack.result(task_id)).toMatchObject({ status: 'completed' });
  expect(eventSchema.parse(await stack.event(task_id, 'cancel_refused'))).toMatchObject({ reason: 'unknown' });
});

test('so is the id of a request that was refused', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: {} });
  expect(await stack.result(task_id)).toMatchObject({ error_code: 'invalid_parameters' });
  await stack.cancel(task_id);
  expect(await stack.event(task_id, 'cancel_refused')).toMatchObject({ reason: 'unknown' });
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
  const isGood = ({ message }: Recorded) => message.task_id === task_id && message.status === 'completed';
  await stack.recorder.first(isGood);
});

test('asked for again, a cancelled task gets its result again, and is not run', async () => {
  const task_id = newTaskId();
  const request = { task_id, task_type: 'log_run', parameters: { file: join(folder, task_id) } };
  await stack.publish({ ...request, delay_ms: 3_600_000 });
  await stack.event(task_id, 'accepted');
  await stack.cancel(task_id);
  const first = await stack.result(task_id);
  await stack.publish(request);
  await everybodyIsThrough();
  const { results } = stack.config.redis.channels;
  const published = stack.recorder.all.filter(
    ({ channel, message }) => channel === results && message.task_id === task_id,
  );
  expect(published.map(({ message }) => message)).toEqual([first, first]);
  expect(runsOf(task_id)).toBe(0);
});

test.each([
  ['no JSON', '{', 'invalid_json', /not valid JSON/],
  ['no object', '5', 'invalid_message', /must be a JSON object with a "task_id"/],
  ['no id', '{}', 'invalid_message', /^The cancel message is invalid: task_id: is required/],
  ['an id that is none', '{"task_id":"a b"}', 'invalid_message', /task_id: must be/],
  [
    'a field too many',
    '{"task_id":"t1","by":"me"}',
    'invalid_message',
    /^The cancel message for the task t1 is invalid: by: no such field/,
  ],
  ['2 MB of noise', 'x'.repeat(2_000_000), 'message_too_large', /2000000 bytes/],
])('a cancel message with %s is answered with an error that names no task', async (_, message, error_code, error) => {
  const isAnswer = (recorded: Recorded) => error.test(recorded.message.error);
  await stack.redis.publish(stack.config.redis.channels.cancel, message);
  const answer = resultSchema.parse((await stack.recorder.first(isAnswer)).message);
  expect(answer).toMatchObject({ task_id: null, task_type: null, error_code });
});
