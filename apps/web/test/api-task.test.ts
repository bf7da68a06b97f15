import { newTaskId, taskKey } from '@taskwire/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskDocumentSchema } from '../src/api/task-document.ts';
import { type ApiServer, startApi } from './api-server.ts';

let api: ApiServer;

beforeAll(async () => {
  api = await startApi({ env: { TASKWIRE_SQL_CONNECTIONS: '{"default":{"driver":"duckdb"}}' } });
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
});

async function ended(request: object): Promise<string> {
  const { body } = await api.submit(request);
  await api.stack.result(body.task_id);
  return body.task_id;
}

async function documentOf(taskId: string) {
  const { status, body } = await api.ask('GET', `/tasks/${taskId}`);
  expect(status).toBe(200);
  expect(taskDocumentSchema.safeParse(body).error).toBeUndefined();
  return body;
}

test('an ended task is shown with what was asked and what came of it', async () => {
  const metadata = { from: 'test' };
  const request = { task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7, metadata };
  const document = await documentOf(await ended(request));
  expect(document).toMatchObject({
    ...request,
    status: 'completed',
    attempts: 1,
    queue: 'default',
    error: null,
    result: { result: { reversed_text: 'cba' } },
    may: { cancel: false, retry: true },
  });
  for (const time of ['accepted_at', 'started_at', 'ended_at']) expect(document[time]).not.toBeNull();
});

test('a task is shown where it is: waiting for a time, or running, by whom and since when', async () => {
  const { body: running } = await api.submit({ task_type: 'wait', parameters: { ms: 60_000 } });
  await expect
    .poll(() => documentOf(running.task_id))
    .toMatchObject({ status: 'running', attempts: 1, ended_at: null });
  const { worker, started_at, accepted_at } = await documentOf(running.task_id);
  expect(worker).toMatch(/^[\da-f]{8}$/);
  expect(Date.parse(started_at)).toBeGreaterThanOrEqual(Date.parse(accepted_at));
  expect(await api.ask('DELETE', `/tasks/${running.task_id}`)).toMatchObject({ status: 202 });
  expect(await api.stack.result(running.task_id)).toMatchObject({ error_code: 'cancelled' });
  const { body: delayed } = await api.submit({ task_type: 'wait', parameters: {}, delay_ms: 60_000 });
  const document = await documentOf(delayed.task_id);
  expect(document).toMatchObject({ status: 'delayed', attempts: 0, result: null, may: { cancel: true, retry: false } });
  expect(Date.parse(document.next_attempt_at) - Date.parse(document.accepted_at)).toBe(60_000);
});

test('results come byte for byte, with all digits', async () => {
  const body = '{"task_type":"reverse_string","parameters":{"text":"ü"},"user_id":1.10}';
  const { body: accepted } = await api.ask('POST', '/tasks', { body });
  const { message } = await api.stack.recorder.first(
    ({ message }) => message.task_id === accepted.task_id && message.result,
  );
  const result = await api.ask('GET', `/tasks/${accepted.task_id}/result`);
  expect(JSON.parse(result.text)).toEqual(message);
  expect(result.text).toContain('"user_id":1.10,');
  const document = await api.ask('GET', `/tasks/${accepted.task_id}`);
  expect(document.text).toContain(`"result":${result.text}}`);
  expect(document.text).toContain('"user_id":1.10,"status"');
});

test('who waits for a result gets it when it comes, and is told when it does not come in time', async () => {
  const { body } = await api.submit({ task_type: 'reverse_string', parameters: { text: 'a' }, delay_ms: 700 });
  const early = await api.ask('GET', `/tasks/${body.task_id}/result`);
  expect(early).toMatchObject({ status: 202, body: { task_id: body.task_id, status: 'delayed' } });
  const waits = Array.from({ length: 20 }, () => api.ask('GET', `/tasks/${body.task_id}/result?wait=60`));
  for (const answer of await Promise.all(waits))
    expect(answer).toMatchObject({ status: 200, body: { status: 'completed' } });
  const late = await api.submit({ task_type: 'reverse_string', parameters: { text: 'a' }, delay_ms: 60_000 });
  expect(await api.ask('GET', `/tasks/${late.body.task_id}/result?wait=1`)).toMatchObject({ status: 202 });
  expect(await api.ask('GET', `/tasks/${late.body.task_id}/result?wait=soon`)).toMatchObject({ status: 400 });
});

test('a task that nobody knows is not found, whatever is asked of it', async () => {
  for (const [method, path] of [
    ['GET', '/tasks/nobody'],
    ['GET', '/tasks/nobody/result'],
    ['GET', '/tasks/nobody/file'],
    ['DELETE', '/tasks/nobody'],
    ['POST', '/tasks/nobody/retry'],
    ['GET', '/tasks/no%20id'],
  ] as const) {
    expect(await api.ask(method, path)).toMatchObject({ status: 404, body: { error_code: 'unknown_task' } });
  }
});

test('a task that waits is cancelled, once', async () => {
  const { body } = await api.submit({ task_type: 'reverse_string', parameters: { text: 'a' }, delay_ms: 60_000 });
  expect(await api.ask('DELETE', `/tasks/${body.task_id}`)).toMatchObject({ status: 202 });
  expect(await documentOf(body.task_id)).toMatchObject({ status: 'error', error_code: 'cancelled' });
  expect(await api.ask('DELETE', `/tasks/${body.task_id}`)).toMatchObject({
    status: 409,
    body: { error_code: 'task_ended' },
  });
});

test('a failed task is run again under its id', async () => {
  const taskId = await ended({ task_type: 'wait', parameters: { ms: 60_000 }, timeout_ms: 50, attempts: 1 });
  const { status, body, headers } = await api.ask('POST', `/tasks/${taskId}/retry`);
  expect({ status, body }).toEqual({ status: 202, body: { task_id: taskId, task: 'again' } });
  expect(headers.get('location')).toBe(`/api/v1/tasks/${taskId}`);
  await expect.poll(() => documentOf(taskId)).toMatchObject({ status: 'error', error_code: 'timeout' });
});

test('a task that shared a job is run again as a new one', async () => {
  const { body } = await api.submit(
    [1, 2, 3].map((text) => ({ task_type: 'reverse_string', parameters: { text: String(text) } })),
  );
  const [{ task_id }] = body.items;
  await api.stack.result(task_id);
  const retry = await api.ask('POST', `/tasks/${task_id}/retry`);
  expect(retry).toMatchObject({ status: 202, body: { task: 'new' } });
  expect(retry.body.task_id).not.toBe(task_id);
  expect(await api.stack.result(retry.body.task_id)).toMatchObject({ result: { reversed_text: '1' } });
});

test.each([
  ['a failed task', async () => ended({ task_type: 'wait', parameters: { ms: 60_000 }, timeout_ms: 50, attempts: 1 })],
  [
    'one of a shared job',
    async () => {
      const request = { task_type: 'reverse_string', parameters: { text: 'a' } };
      const [{ task_id }] = (await api.submit([request, request])).body.items;
      await api.stack.result(task_id);
      return task_id;
    },
  ],
])('of retries of %s at the same time, one runs it', async (_which, end) => {
  const taskId = await end();
  const answers = await Promise.all(Array.from({ length: 6 }, () => api.ask('POST', `/tasks/${taskId}/retry`)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409, 409, 409, 409]);
});

test('a task whose request is not kept cannot be run again, and that is said', async () => {
  const taskId = await ended({ task_type: 'reverse_string', parameters: { text: 'a' }, priority: 1 });
  const [, jobId] = ((await api.stack.redis.get(taskKey(api.stack.config.redis.key_prefix, taskId))) ?? '').split('|');
  await api.stack.redis.del(`${api.stack.config.redis.key_prefix}:default:${jobId}`);
  expect(await documentOf(taskId)).toMatchObject({ status: 'completed', parameters: null });
  expect(await api.ask('POST', `/tasks/${taskId}/retry`)).toMatchObject({
    status: 409,
    body: { error_code: 'request_not_kept' },
  });
});

test('ids that hold dots and tildes, and the longest, are asked for like others', async () => {
  for (const task_id of ['actions', 'a..b', '...', '~.~', newTaskId().padEnd(128, 'x')]) {
    await ended({ task_type: 'reverse_string', parameters: { text: 'a' }, task_id });
    expect(await documentOf(task_id)).toMatchObject({ task_id });
  }
});

test('the task types are told with their schemas', async () => {
  const { body } = await api.ask('GET', '/task-types');
  expect(body).toContainEqual(expect.objectContaining({ type: 'reverse_string', parameters: expect.any(Object) }));
});
