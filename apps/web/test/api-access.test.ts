import { newTaskId, resultsStreamKey } from '@taskwire/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, bearer, startApi, WITH_TOKENS } from './api-server.ts';

let api: ApiServer;

beforeAll(async () => {
  api = await startApi({ env: WITH_TOKENS });
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
});

const reverse = (more: object = {}) => ({ task_type: 'reverse_string', parameters: { text: 'abc' }, ...more });

async function accepted(request: object, headers: Record<string, string>): Promise<string> {
  const { status, body } = await api.submit(request, headers);
  expect(status).toBe(202);
  return body.task_id;
}

test('nobody asks without a token, and is told so by a problem', async () => {
  const without = await api.submit(reverse());
  expect(without).toMatchObject({ status: 401, body: { error_code: 'login_needed' } });
  expect(without.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  const wrong = await api.submit(reverse(), { authorization: 'Bearer wrong' });
  expect(wrong).toMatchObject({ status: 401, body: { detail: expect.stringContaining('web.tokens') } });
});

test('a viewer sees, a publisher submits and cancels, an operator also runs again', async () => {
  const viewer = await api.submit(reverse(), bearer('viewer'));
  expect(viewer).toMatchObject({ status: 403, body: { detail: expect.stringContaining('role publisher') } });
  const taskId = await accepted(reverse({ delay_ms: 60_000 }), bearer('publisher'));
  const path = `/tasks/${taskId}`;
  const may = async (token: Parameters<typeof bearer>[0]) =>
    (await api.ask('GET', path, { headers: bearer(token) })).body.may;
  expect(await may('viewer')).toEqual({ cancel: false, retry: false });
  expect(await may('publisher')).toEqual({ cancel: true, retry: false });
  expect(await api.ask('DELETE', path, { headers: bearer('viewer') })).toMatchObject({ status: 403 });
  expect(await api.ask('DELETE', path, { headers: bearer('publisher') })).toMatchObject({ status: 202 });
  expect(await api.ask('POST', `${path}/retry`, { headers: bearer('publisher') })).toMatchObject({ status: 403 });
  expect(await may('operator')).toEqual({ cancel: false, retry: true });
  const ended = await accepted(reverse(), bearer('publisher'));
  await api.stack.result(ended);
  expect(await api.ask('POST', `/tasks/${ended}/retry`, { headers: bearer('operator') })).toMatchObject({
    status: 202,
  });
});

test('a bound token submits and sees only what it is bound to', async () => {
  const headers = bearer('user7');
  const own = await accepted(reverse(), headers);
  expect((await api.ask('GET', `/tasks/${own}`, { headers })).body.user_id).toBe(7);
  expect(await api.submit(reverse({ user_id: '7' }), headers)).toMatchObject({ status: 202 });
  for (const foreign of [
    reverse({ user_id: 8 }),
    reverse({ user_id: null }),
    { ...reverse(), task_type: 'talk', parameters: {} },
  ]) {
    expect(await api.submit(foreign, headers)).toMatchObject({ status: 403, body: { error_code: 'not_allowed' } });
  }
  const list = await api.ask('POST', '/tasks', { body: [reverse(), reverse({ user_id: 8 })], headers });
  expect(list).toMatchObject({ status: 207, body: { items: [{ status: 202 }, { status: 403 }] } });

  const foreign = await accepted(reverse({ user_id: 8, delay_ms: 60_000 }), bearer('publisher'));
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/result?wait=5'],
    ['GET', '/file'],
    ['DELETE', ''],
  ] as const) {
    const { status, body } = await api.ask(method, `/tasks/${foreign}${path}`, { headers });
    expect({ status, error_code: body.error_code }).toEqual({ status: 404, error_code: 'unknown_task' });
  }
  const { body: types } = await api.ask('GET', '/task-types', { headers });
  expect(types.map(({ type }: { type: string }) => type)).toEqual(['reverse_string', 'wait']);
  expect((await api.ask('POST', '/no-such-route', { headers })).status).toBe(404);
  expect((await api.ask('PUT', '/tasks', { headers })).status).toBe(405);
  const origin = api.url.replace('/api/v1', '');
  for (const path of ['/', '/metrics', '/api/status', '/board/api/queues', '/job?task_id=a']) {
    expect((await fetch(origin + path, { headers })).status).toBe(403);
  }
});

test('a bound token learns nothing of foreign tasks and types from what is refused, and answers nobody who waits for them', async () => {
  const task_id = newTaskId();
  await accepted(reverse({ user_id: 8, task_id, delay_ms: 60_000 }), bearer('publisher'));
  const conflict = await api.submit(reverse({ task_id }), bearer('user7'));
  expect(conflict).toMatchObject({ status: 409, body: { detail: 'This task_id cannot be used; choose another.' } });
  const { redis, config } = api.stack;
  const own = await accepted(reverse(), bearer('user7'));
  await api.stack.result(own);
  expect(JSON.stringify(await redis.xrange(resultsStreamKey(config.redis.key_prefix), '-', '+'))).not.toContain(
    task_id,
  );
  expect(await api.submit(reverse({ reply_to: 'results-elsewhere' }), bearer('user7'))).toMatchObject({ status: 403 });
  for (const foreign of [{ task_type: 'no_such_type' }, reverse({ parameters: { text: 7 } })]) {
    const { status, body } = await api.submit(foreign, bearer('waits'));
    expect({ status, detail: body.detail }).toEqual({
      status: 403,
      detail: 'This token is bound to the task types wait.',
    });
  }
});

test('a token submits no more tasks in a minute than it may', async () => {
  const headers = bearer('slow');
  const four = await api.ask('POST', '/tasks', { body: Array.from({ length: 4 }, () => reverse()), headers });
  expect(four).toMatchObject({ status: 429, body: { detail: expect.stringContaining('so send no list of 4') } });
  expect((await api.ask('POST', '/tasks', { body: [reverse(), reverse()], headers })).status).toBe(202);
  expect((await api.ask('POST', '/tasks', { body: [reverse(), reverse()], headers })).status).toBe(429);
  expect((await api.submit(reverse(), headers)).status).toBe(202);
  const answer = await api.submit(reverse(), headers);
  expect(answer).toMatchObject({ status: 429, body: { detail: expect.stringContaining('per_minute') } });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(50);
});

test('what was done is logged with who did it', async () => {
  const taskId = await accepted(reverse({ delay_ms: 60_000 }), bearer('publisher'));
  await api.ask('DELETE', `/tasks/${taskId}`, { headers: bearer('operator') });
  const web = api.stack.services.find(({ name }) => name === 'web');
  const audited = () => {
    const lines = web?.output().split('\n') ?? [];
    const about = lines.filter((line) => line.includes(taskId)).map((line) => JSON.parse(line));
    return about.map(({ by, action }) => `${by}: ${action}`).toSorted();
  };
  // Submissions are told once a second.
  await expect.poll(audited).toEqual(['operator: cancel', 'publisher: submit']);
});
