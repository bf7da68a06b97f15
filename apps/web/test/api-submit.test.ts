import { newTaskId, resultKey } from '@taskwire/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, startApi } from './api-server.ts';

let api: ApiServer;

beforeAll(async () => {
  api = await startApi();
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
});

const reverse = (text = 'abc', more: object = {}) => ({ task_type: 'reverse_string', parameters: { text }, ...more });
const stored = (taskId: string) => api.stack.redis.get(resultKey(api.stack.config.redis.key_prefix, taskId));

test('a task is accepted with its address, and runs', async () => {
  const { status, headers, body } = await api.submit(reverse());
  expect({ status, body }).toEqual({ status: 202, body: { task_id: expect.any(String), task: 'new' } });
  expect(headers.get('location')).toBe(`/api/v1/tasks/${body.task_id}`);
  expect(await api.stack.result(body.task_id)).toMatchObject({ status: 'completed', result: { reversed_text: 'cba' } });
});

test('who prefers to wait gets the result itself, if it comes in time', async () => {
  const inTime = await api.submit(reverse(), { prefer: 'respond-async, wait=10' });
  expect(inTime).toMatchObject({ status: 200, body: { status: 'completed', result: { reversed_text: 'cba' } } });
  expect(inTime.headers.get('preference-applied')).toBe('wait=10');
  expect(inTime.text).toBe(await stored(inTime.body.task_id));
  const late = await api.submit(reverse('abc', { delay_ms: 60_000 }), { prefer: 'wait=1' });
  expect(late).toMatchObject({ status: 202, body: { task: 'new' } });
});

test('a task that was asked for before is not run again', async () => {
  const task_id = newTaskId();
  expect((await api.submit(reverse(), { 'idempotency-key': task_id })).body).toEqual({ task_id, task: 'new' });
  await api.stack.result(task_id);
  const again = await api.submit(reverse(), { 'idempotency-key': `"${task_id}"` });
  expect(again).toMatchObject({ status: 202, body: { task_id, task: 'ended' } });
  expect(await api.submit(reverse('other'), { 'idempotency-key': task_id })).toMatchObject({
    status: 409,
    body: { error_code: 'task_id_conflict' },
  });
});

test('an Idempotency-Key that contradicts the body is refused', async () => {
  const { status, body } = await api.submit(reverse('abc', { task_id: 'a' }), { 'idempotency-key': 'b' });
  expect({ status, body }).toMatchObject({ status: 400, body: { error_details: [{ path: 'Idempotency-Key' }] } });
});

test('a list is answered by its items, in their order', async () => {
  const { status, body } = await api.ask('POST', '/tasks', {
    body: '[{"task_type":"reverse_string","parameters":{"text":"a"},"user_id":12345678901234567890},{"task_type":"x"},7]',
  });
  expect(status).toBe(207);
  expect(body.items).toMatchObject([
    { status: 202, task: 'new' },
    { status: 404, error_code: 'unknown_task_type' },
    { status: 400, error_code: 'invalid_message' },
  ]);
  await api.stack.result(body.items[0].task_id);
  expect(await stored(body.items[0].task_id)).toContain('"user_id":12345678901234567890,');
  const thousand = await api.submit(Array.from({ length: 1000 }, () => reverse()));
  expect(thousand.status).toBe(202);
  expect(new Set(thousand.body.items.map(({ task_id }: { task_id: string }) => task_id)).size).toBe(1000);
});

test.each([
  ['a list that is too long', Array.from({ length: 1001 }, () => reverse()), 400, 'invalid_request', ''],
  ['an empty list', [], 400, 'invalid_request', ''],
  ['no JSON', '{', 400, 'invalid_json', ''],
  ['an empty body', '', 400, 'invalid_json', ''],
  ['a typo', reverse('a', { user: 7 }), 400, 'invalid_message', 'user'],
  ['wrong parameters', { task_type: 'reverse_string', parameters: {} }, 400, 'invalid_parameters', 'parameters.text'],
  ['an unknown type', { task_type: 'reverse' }, 404, 'unknown_task_type', undefined],
  ['a long body', reverse('x'.repeat(1024 * 1024)), 413, 'message_too_large', undefined],
])('%s is a problem that says what is wrong', async (_, body, status, error_code, path) => {
  const answer = await api.ask('POST', '/tasks', { body });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({ type: 'about:blank', status, error_code, title: expect.any(String) });
  expect(answer.body.detail).not.toBe('');
  expect(answer.body.error_details?.[0]?.path).toBe(path);
  expect(answer.status).toBe(status);
});

test('a request without a body, or without text in it, is a fault of who asks', async () => {
  expect(await api.ask('POST', '/tasks')).toMatchObject({ status: 400, body: { error_code: 'invalid_request' } });
  expect(await api.ask('POST', '/tasks', { body: '' })).toMatchObject({ status: 400 });
});

test('an address that cannot be one is refused by a problem', async () => {
  for (const [path, status] of [
    ['/tasks/%', 400],
    ['/tasks/%ff', 400],
    [`/tasks/${'x'.repeat(400)}`, 414],
  ] as const) {
    const { headers, body } = await api.ask('GET', path);
    expect(body).toMatchObject({ status, detail: expect.any(String) });
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  }
});

test('what the API does not have, or not so, is a problem, too', async () => {
  expect(await api.ask('GET', '/nothing')).toMatchObject({ status: 404, body: { error_code: 'not_found' } });
  const wrongMethod = await api.ask('PUT', '/tasks/a');
  expect(wrongMethod).toMatchObject({ status: 405, body: { error_code: 'method_not_allowed' } });
  expect(wrongMethod.headers.get('allow')).toBe('GET, HEAD, DELETE');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await api.ask('POST', '/tasks', { body: 'a=b', headers: form })).toMatchObject({
    status: 415,
    body: { error_code: 'unsupported_media_type' },
  });
});
