import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { newTaskId } from '@taskwire/protocol';
import fastify from 'fastify';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { chunkOf, NewsStream, sendStream } from '../src/api/news-stream.ts';
import { type ApiServer, bearer, startApi, WITH_TOKENS } from './api-server.ts';
import { listenTo } from './event-client.ts';

let api: ApiServer;

beforeAll(async () => {
  api = await startApi();
});

afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
});

const reverse = (text = 'abc', more: object = {}) => ({ task_type: 'reverse_string', parameters: { text }, ...more });

async function delayed(delay_ms = 700, request: object = reverse()): Promise<string> {
  return (await api.submit({ ...request, delay_ms })).body.task_id;
}

test('the events of a task begin with where it is, and end with its result', async () => {
  const taskId = await delayed(500, { task_type: 'fail_at_first', parameters: { failures: 1 } });
  await using events = await listenTo(`${api.url}/tasks/${taskId}/events`);
  expect(events.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const heard = await events.rest();
  expect(heard[0]).toMatchObject({ event: 'task', id: undefined, data: { task_id: taskId, status: 'delayed' } });
  const names = heard.map(({ event }) => event);
  expect(names).toEqual(expect.arrayContaining(['task', 'started', 'progress', 'retrying', 'result']));
  expect(heard.at(-1)).toMatchObject({ event: 'result', data: { status: 'completed', result: { attempt: 2 } } });
  expect(heard.at(-1)?.id).toMatch(/^\d{13,}-\d+$/);
});

test('of a task that has ended they are its result, and who has it is told not to come again', async () => {
  const { body } = await api.submit(reverse(), { prefer: 'wait=10' });
  const url = `${api.url}/tasks/${body.task_id}/events`;
  const heard = await (await listenTo(url)).rest();
  expect(heard).toMatchObject([
    { event: 'task', data: { status: 'completed' } },
    { event: 'result', id: body.task_id, data: body },
  ]);
  expect((await fetch(url, { headers: { 'last-event-id': heard[1]?.id as string } })).status).toBe(204);
  expect((await fetch(`${api.url}/tasks/nobody/events`)).status).toBe(404);
});

test('the refusal of another request with its id is not the result of a task', async () => {
  const taskId = await delayed();
  await using events = await listenTo(`${api.url}/tasks/${taskId}/events`);
  await events.next();
  expect(await api.submit(reverse('other', { task_id: taskId }))).toMatchObject({ status: 409 });
  expect(await events.next(({ event }) => event === 'result')).toMatchObject({ data: { status: 'completed' } });
});

test('all events come as they are, and what was missed of the results is told again', async () => {
  const seen = await listenTo(`${api.url}/events`);
  const first = (await api.submit(reverse('one'))).body.task_id;
  expect(await seen.next(({ data }) => data.task_id === first)).toMatchObject({ event: 'accepted' });
  const result = await seen.next(({ data, event }) => data.task_id === first && event === 'result');
  await seen[Symbol.asyncDispose]();

  const missed = Array.from({ length: 250 }, () => newTaskId());
  await api.ask('POST', '/tasks', { body: missed.map((task_id) => reverse('missed', { task_id })) });
  await Promise.all(missed.map((id) => api.stack.result(id)));
  await using again = await listenTo(`${api.url}/events`, { 'last-event-id': result?.id as string });
  const later = (await api.submit(reverse('later'))).body.task_id;
  const heard: string[] = [];
  for (;;) {
    const one = await again.next(({ event }) => event === 'result');
    if (one?.data.task_id === later) break;
    heard.push(one?.data.task_id);
  }
  expect(heard.toSorted()).toEqual(missed.toSorted());
  await using tooLate = await listenTo(`${api.url}/events`, { 'last-event-id': '1-0' });
  expect(await tooLate.next()).toMatchObject({ event: 'gap' });
  expect((await fetch(`${api.url}/events`, { headers: { 'last-event-id': 'x' } })).status).toBe(400);
});

test('a cut subscription loses no result', async () => {
  const taskId = await delayed(1500);
  await using ofTask = await listenTo(`${api.url}/tasks/${taskId}/events`);
  await using ofAll = await listenTo(`${api.url}/events`);
  const waiting = api.ask('GET', `/tasks/${taskId}/result?wait=20`);
  await ofTask.next();
  await api.stack.redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  const isResult = ({ event, data }: { event: string; data: { task_id: string } }) =>
    event === 'result' && data.task_id === taskId;
  expect(await ofTask.next(isResult)).toBeDefined();
  expect(await ofAll.next(isResult)).toBeDefined();
  expect(await waiting).toMatchObject({ status: 200 });
});

test('a thousand streams share one subscription', async () => {
  const taskId = await delayed(60_000);
  const streams = await Promise.all(Array.from({ length: 1000 }, () => listenTo(`${api.url}/tasks/${taskId}/events`)));
  const { results } = api.stack.config.redis.channels;
  // The recorder of the test is the other one.
  expect(await api.stack.redis.pubsub('NUMSUB', results)).toEqual([results, 2]);
  await api.ask('DELETE', `/tasks/${taskId}`);
  const all = await Promise.all(streams.map((stream) => stream.rest()));
  for (const heard of all) expect(heard.at(-1)).toMatchObject({ event: 'result', data: { error_code: 'cancelled' } });
});

test('a client that takes nothing is cut off, and the others hear everything', async () => {
  await using server = fastify({ forceCloseConnections: true });
  const streams: NewsStream[] = [];
  server.get('/', (_request, reply) => {
    const stream = new NewsStream();
    streams.push(stream);
    return sendStream(reply, stream);
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const open = async () => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await once(socket, 'readable');
    return socket;
  };
  const [slow, quick] = [await open(), await open()];
  let heard = 0;
  quick.on('data', (chunk) => (heard += chunk.length));
  const chunk = chunkOf('result', 'x'.repeat(1024 * 1024));
  for (let count = 1; count <= 60; count += 1) {
    for (const stream of streams) stream.send(chunk);
    await vi.waitFor(() => expect(heard).toBeGreaterThan(count * chunk.length), { interval: 1 });
  }
  expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, false]);
  slow.resume();
  await once(slow, 'close');
});

test('without a results stream results are told as well, with no id', async () => {
  await using without = await startApi({ env: { TASKWIRE_RESULTS_STREAM_MAX_LENGTH: '0' } });
  await using events = await listenTo(`${without.url}/events`);
  const { body } = await without.submit(reverse(), { prefer: 'wait=10' });
  expect(await events.next(({ event }) => event === 'result')).toEqual({ event: 'result', id: undefined, data: body });
});

test('a bound token hears of nothing else', async () => {
  await using bound = await startApi({ env: WITH_TOKENS });
  await using events = await listenTo(`${bound.url}/events`, bearer('user7'));
  await bound.submit(reverse('a', { user_id: 8 }), { ...bearer('publisher'), prefer: 'wait=10' });
  const { body } = await bound.submit(reverse(), { ...bearer('user7'), prefer: 'wait=10' });
  let one = await events.next();
  for (; one?.event !== 'result'; one = await events.next()) expect(one?.data.user_id).toBe(7);
  expect(one.data).toEqual(body);
  const foreign = (await bound.submit(reverse('a', { user_id: 8, delay_ms: 60_000 }), bearer('publisher'))).body
    .task_id;
  expect((await fetch(`${bound.url}/tasks/${foreign}/events`, { headers: bearer('user7') })).status).toBe(404);
});
