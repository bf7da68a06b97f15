import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { WebhookReceiver } from '../src/webhook-receiver.ts';
import { setUp, startReceiver } from './fixture.ts';

const timeoutMs = 10_000;

test('begins with what ends from then on, in order, and tells only of the task types that are wanted', async () => {
  const { start, end } = setUp();
  const { url, taskIds } = await startReceiver();
  await end('before');
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }), taskTypes: ['sql_query'] });
  await end('other');
  await end('one', { task_type: 'sql_query' });
  const error = { task_type: 'sql_query', status: 'error', error: 'No', attempts: 0 };
  await end('refused', { ...error, error_code: 'invalid_parameters' });
  await expect.poll(taskIds).toEqual(['one']);
  await end('two', { ...error, error_code: 'cancelled' });
  await expect.poll(taskIds).toEqual(['one', 'two']);
});

test('tells only of failures when that is wanted', async () => {
  const { start, end, redis, key } = setUp();
  const { url, taskIds } = await startReceiver();
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }), onlyFailures: true });
  await end('completed');
  await end('cancelled', { status: 'error', error: 'Cancelled', error_code: 'cancelled' });
  await end('failed', { status: 'error', error: 'No', error_code: 'task_failed' });
  await end('timeout', { status: 'error', error: 'No', error_code: 'timeout' });
  await expect.poll(() => taskIds().toSorted()).toEqual(['failed', 'timeout']);
  await expect.poll(async () => (await redis.xpending(key, 'notify:webhook'))[0]).toBe(0);
});

test('passes over what others add to the stream', async () => {
  const { start, end, redis, key, logged } = setUp();
  const { url, taskIds } = await startReceiver();
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }) });
  for (const message of [
    '',
    'no JSON',
    'null',
    '[]',
    '17',
    '{"task_id":"t","status":"test"}',
    '\xff\xfe',
    'x'.repeat(5e6),
  ]) {
    await redis.xadd(key, '*', 'message', message);
  }
  await redis.xadd(key, '*', 'text', 'hi');
  await end('ours');
  await expect.poll(taskIds).toEqual(['ours']);
  await expect.poll(async () => (await redis.xpending(key, 'notify:webhook'))[0]).toBe(0);
  expect(logged).toEqual([]);
});

test('tells also of a result that Redis gave it just when the connection was cut', async () => {
  const { start, end, cut, redis, key } = setUp();
  const { url, taskIds } = await startReceiver();
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }) });
  const message = await end('one');
  await expect.poll(taskIds).toEqual(['one']);
  const group = ['GROUP', 'notify:webhook', 'leader'] as const;
  const given = redis.multi().xadd(key, '*', 'message', message.replace('"one"', '"given"'));
  await given.xreadgroup(...group, 'COUNT', 1, 'STREAMS', key, '>').exec();
  await cut();
  await end('two');
  await expect.poll(() => taskIds().toSorted()).toEqual(['given', 'one', 'two']);
});

test('goes on after a restart where it was, with what ended meanwhile', async () => {
  const { start, end } = setUp();
  const { url, taskIds } = await startReceiver();
  const receiver = new WebhookReceiver({ url, timeoutMs });
  const first = await start({ receiver });
  await end('one');
  await expect.poll(taskIds).toEqual(['one']);
  await first[Symbol.asyncDispose]();
  for (let task = 0; task < 50; task += 1) await end(`meanwhile-${task}`);
  await start({ receiver });
  await expect.poll(() => taskIds().length).toBe(51);
  expect(new Set(taskIds()).size).toBe(51);
});

test('after a stop tells again only of what it could not tell', async () => {
  const { start, end } = setUp();
  const { url, taskIds } = await startReceiver((response, { taskId }) => {
    response.statusCode = taskId === 'failing' ? 500 : 200;
    response.end();
  });
  const receiver = new WebhookReceiver({ url, timeoutMs });
  const first = await start({ receiver, firstDelayMs: 60_000 });
  await end('failing');
  for (const taskId of ['a', 'b', 'c']) await end(taskId);
  // Several are told at a time, so their order is not certain.
  await expect.poll(() => taskIds().toSorted()).toEqual(['a', 'b', 'c', 'failing']);
  await first[Symbol.asyncDispose]();
  await start({ receiver, firstDelayMs: 60_000 });
  await end('later');
  await expect.poll(() => taskIds().slice(4).toSorted()).toEqual(['failing', 'later']);
});

test('goes on after its connection was cut', async () => {
  const { start, end, cut } = setUp();
  const { url, taskIds } = await startReceiver();
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }) });
  await end('one');
  await expect.poll(taskIds).toEqual(['one']);
  await cut();
  await end('two');
  await expect.poll(taskIds).toEqual(['one', 'two']);
});

test('says that a result is gone which was given to it and not told', async () => {
  const { start, end, logged, redis, key } = setUp();
  const { url, taskIds } = await startReceiver((response, { taskId }) => {
    response.statusCode = taskId === 'gone' ? 500 : 200;
    response.end();
  });
  const receiver = new WebhookReceiver({ url, timeoutMs });
  const first = await start({ receiver, firstDelayMs: 60_000 });
  await end('gone');
  await expect.poll(taskIds).toEqual(['gone']);
  await first[Symbol.asyncDispose]();
  await redis.xtrim(key, 'MAXLEN', 0);
  await start({ receiver });
  await end('next');
  await expect.poll(taskIds).toEqual(['gone', 'next']);
  expect(logged.map(({ message }) => message)).toContain('the webhook misses a result that is gone');
});

test('goes on when Redis has lost everything', async () => {
  const { start, end, redis, key } = setUp();
  const { url, taskIds } = await startReceiver();
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }) });
  await redis.del(key);
  await end('after');
  await expect.poll(taskIds, { timeout: 5000 }).toEqual(['after']);
});

test('goes on where it was when somebody has deleted its group', async () => {
  const { start, end, redis, key } = setUp();
  const { url, taskIds } = await startReceiver();
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }) });
  await end('one');
  await expect.poll(taskIds).toEqual(['one']);
  await redis.xgroup('DESTROY', key, 'notify:webhook');
  await end('two');
  await expect.poll(taskIds, { timeout: 5000 }).toEqual(['one', 'two']);
});

test('goes on where version 0.1.0 was', async () => {
  const { start, end, redis, key } = setUp();
  const { url, taskIds } = await startReceiver();
  await end('told');
  const [[id] = ['']] = await redis.xrange(key, '-', '+');
  await end('not told');
  await redis.set(key.replace(/results$/, 'notified:webhook'), `${id} 1`);
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }) });
  await expect.poll(taskIds).toEqual(['not told']);
});

test('one that hangs does not hold up others, and is told again by the next start', async () => {
  const { start, end } = setUp();
  let hanging = true;
  const { url, received, taskIds } = await startReceiver((response, { taskId }) => {
    if (!hanging || taskId !== 'slow') response.end();
  });
  const receiver = new WebhookReceiver({ url, timeoutMs });
  const first = await start({ receiver });
  await end('slow');
  await end('quick');
  await expect.poll(taskIds).toEqual(['slow', 'quick']);
  await first[Symbol.asyncDispose]();
  hanging = false;
  await start({ receiver });
  await end('last');
  await expect.poll(taskIds).toContain('last');
  expect(taskIds().slice(2).toSorted()).toEqual(['last', 'slow']);
  const ids = received.filter(({ taskId }) => taskId === 'slow').map(({ headers }) => headers['webhook-id']);
  expect(ids).toEqual([ids[0], ids[0]]);
});

test('tells at most 8 at a time, reads only so far ahead, and loses none', async () => {
  const { start, end, redis, key } = setUp();
  const held: ServerResponse[] = [];
  let holding = true;
  const { url, received, taskIds } = await startReceiver((response) => {
    if (holding) held.push(response);
    else response.end();
  });
  await start({ receiver: new WebhookReceiver({ url, timeoutMs }) });
  for (let task = 0; task < 300; task += 1) await end(`t${task}`);
  const pending = async () => Number((await redis.xpending(key, 'notify:webhook'))[0]);
  await expect.poll(pending).toBeGreaterThanOrEqual(100);
  expect(held).toHaveLength(8);
  expect(await pending()).toBeLessThan(110);
  holding = false;
  for (const response of held) response.end();
  await expect.poll(() => received.length, { timeout: 10_000 }).toBe(300);
  expect(new Set(taskIds()).size).toBe(300);
  expect(taskIds().slice(0, 8).toSorted()).toEqual(Array.from({ length: 8 }, (_, task) => `t${task}`));
  await expect.poll(pending).toBe(0);
});

test('only the processor that leads tells; the next one goes on', async () => {
  const { start, end } = setUp();
  const receivers = [await startReceiver(), await startReceiver()] as const;
  let leader: 0 | 1 | undefined = 0;
  for (const [index, { url }] of receivers.entries()) {
    await start({ receiver: new WebhookReceiver({ url, timeoutMs }), leading: () => leader === index });
  }
  await end('one');
  await expect.poll(receivers[0].taskIds).toEqual(['one']);
  leader = undefined;
  await end('nobody leads');
  leader = 1;
  await end('two');
  // The first may still have been telling when the lead changed; then both tell it.
  const told = () => new Set(receivers.flatMap(({ taskIds }) => taskIds()));
  await expect.poll(told).toEqual(new Set(['one', 'nobody leads', 'two']));
  expect(receivers[1].taskIds()).not.toContain('one');
});
