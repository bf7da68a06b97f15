import { startPrivateRedis } from '@taskwire/testing';
import { expect, test, vi } from 'vitest';
import { chunkOf, NewsStream } from '../src/api/news-stream.ts';
import { bearer, startApi, WITH_TOKENS } from './api-server.ts';
import { type EventClient, listenTo } from './event-client.ts';

const reverse = (more: object = {}) => ({ task_type: 'reverse_string', parameters: { text: 'abc' }, ...more });

const resultsOf = async (events: EventClient, count: number): Promise<string[]> => {
  const ids: string[] = [];
  while (ids.length < count) ids.push((await events.next(({ event }) => event === 'result'))?.id as string);
  return ids;
};

test('an id that no entry can have is refused; of one that is still to come the client hears a gap, and what comes', async () => {
  await using api = await startApi();
  for (const id of ['99999999999999999999-1', '1-18446744073709551616', '1', '-1-1']) {
    const answer = await fetch(`${api.url}/events`, { headers: { 'last-event-id': id } });
    expect(answer.status).toBe(400);
  }
  for (const id of ['18446744073709551615-18446744073709551615', '99999999999999-0']) {
    await using events = await listenTo(`${api.url}/events`, { 'last-event-id': id });
    expect(await events.next()).toMatchObject({ event: 'gap', data: { after: id } });
    const { task_id } = (await api.submit(reverse())).body;
    expect(await events.next(({ event }) => event === 'result')).toMatchObject({ data: { task_id } });
  }
});

test('who comes again while much ends hears every result once, in order', async () => {
  await using api = await startApi();
  await using before = await listenTo(`${api.url}/events`);
  const submit = async (count: number) => api.ask('POST', '/tasks', { body: Array.from({ length: count }, reverse) });
  await submit(1);
  const [first] = await resultsOf(before, 1);
  await submit(300);
  const coming = Array.from({ length: 5 }, async () => {
    await using again = await listenTo(`${api.url}/events`, { 'last-event-id': first as string });
    return await resultsOf(again, 600);
  });
  await submit(300);
  const all = await resultsOf(before, 600);
  for (const heard of await Promise.all(coming)) expect(heard).toEqual(all);
});

test('who comes again while Redis is frozen is cut off, and the others hear on', async () => {
  await using redis = await startPrivateRedis();
  await using api = await startApi({ redisUrl: redis.url });
  await using quiet = await listenTo(`${api.url}/events`);
  redis.process.kill('SIGSTOP');
  await using again = await listenTo(`${api.url}/events`, { 'last-event-id': '1-1' });
  await expect(again.rest()).rejects.toThrow();
  redis.process.kill('SIGCONT');
  await expect.poll(() => api.submit(reverse()), { timeout: 20_000 }).toMatchObject({ status: 202 });
  expect(await quiet.next(({ event }) => event === 'result')).toBeDefined();
});

test('what others publish on the channel of events is passed over', async () => {
  await using api = await startApi({ env: WITH_TOKENS });
  await using viewer = await listenTo(`${api.url}/events`, bearer('viewer'));
  await using bound = await listenTo(`${api.url}/events`, bearer('user7'));
  const about = '{"task_id":"x","task_type":"reverse_string","user_id":';
  const { redis, config, recorder } = api.stack;
  // It would not take them.
  await recorder[Symbol.asyncDispose]();
  for (const foreign of [
    `${about}{"toString":1,"valueOf":1},"event":"started"}`,
    `${about}7,"event":{"toString":1}}`,
    `${about}7,"event":"result: 1"}`,
    `${about}7}`,
    `${about}7,"event":"started","task_id":"y"}`,
    `${about}7,"event":"started"`,
  ]) {
    await redis.publish(config.redis.channels.events, foreign);
  }
  const { task_id } = (await api.submit(reverse(), bearer('user7'))).body;
  for (const events of [bound, viewer]) expect(await events.next()).toMatchObject({ data: { task_id } });
});

test('who is told again what it missed, and takes nothing, is cut off', async () => {
  vi.useFakeTimers();
  try {
    const stream = new NewsStream();
    stream.send(chunkOf('result', 'x'.repeat(1024 * 1024)));
    const taken = stream.taken();
    await vi.advanceTimersByTimeAsync(30_000);
    await taken;
    expect(stream.destroyed).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});
