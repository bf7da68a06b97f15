import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { redisSettings } from '@taskwire/config';
import { RedisUnavailableError } from '@taskwire/redis';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { TaskwireClient } from '../src/client.ts';

const redisUrl = inject('redisUrl');

async function clientWithResponder(clockSkewMs: number) {
  const tasks = `tasks-${randomUUID()}`;
  const client = new TaskwireClient(
    redisSettings({ url: redisUrl, key_prefix: `{${tasks}}`, channels: { tasks_queue: tasks } }),
    { via: 'channel' },
  );
  const [subscriber, publisher] = [new Redis(redisUrl), new Redis(redisUrl)];
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    subscriber.disconnect();
    publisher.disconnect();
  });
  subscriber.on('message', (_, text) => {
    const { task_id, task_type, reply_to } = JSON.parse(text);
    const timestamp = new Date(Date.now() + clockSkewMs).toISOString();
    const run = { attempts: 0, duration_ms: 0, queued_ms: 0 };
    const result = {
      task_id,
      task_type,
      user_id: null,
      metadata: {},
      status: 'error',
      error: 'no',
      error_code: 'unknown_task_type',
      timestamp,
      ...run,
    };
    if (reply_to) void publisher.publish(reply_to, JSON.stringify(result));
    else void publisher.publish('results', JSON.stringify(result));
  });
  await subscriber.subscribe(tasks);
  return client;
}

test('run brings a rejection also from a processor whose clock is a second behind', async () => {
  const client = await clientWithResponder(-1000);
  await expect(client.run({ task_type: 'nonsense' }, { timeoutMs: 2000 })).resolves.toMatchObject({
    error_code: 'unknown_task_type',
  });
});

test('run with reply_to: undefined is a run without reply_to', async () => {
  const client = await clientWithResponder(1);
  await expect(client.run({ task_type: 'nonsense', reply_to: undefined }, { timeoutMs: 2000 })).resolves.toMatchObject({
    status: 'error',
  });
});

test('a password that Redis does not take is RedisUnavailableError', async () => {
  const client = new TaskwireClient(redisSettings({ url: redisUrl, username: 'nobody', password: 'wrong' }));
  onTestFinished(() => client[Symbol.asyncDispose]());
  await expect(client.submit({ task_type: 'a' })).rejects.toThrow(RedisUnavailableError);
});

test('an address at which no Redis answers is RedisUnavailableError', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = new TaskwireClient(redisSettings({ port: (server.address() as AddressInfo).port }));
  onTestFinished(() => client[Symbol.asyncDispose]());
  await expect(client.submit({ task_type: 'a' })).rejects.toThrow(RedisUnavailableError);
});

test('a server that accepts but never answers is given up on within 10 s', { timeout: 40_000 }, async () => {
  const server = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const client = new TaskwireClient(redisSettings({ port: (server.address() as AddressInfo).port }));
  onTestFinished(() => client[Symbol.asyncDispose]());
  const before = Date.now();
  await expect(client.submit({ task_type: 'a' })).rejects.toThrow(RedisUnavailableError);
  expect(Date.now() - before).toBeLessThan(10_000);
});
