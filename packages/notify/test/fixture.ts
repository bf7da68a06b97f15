import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { resultsStreamKey } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import { Redis } from 'ioredis';
import { inject, onTestFinished } from 'vitest';
import { groupOf } from '../src/notifications.ts';
import { Notifier, type NotifierOptions } from '../src/notifier.ts';

export interface Logged {
  level: 'info' | 'warn' | 'error';
  message: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever was logged
  about: any;
}

/** A results stream of its own, and notifiers that tell of it. */
export function setUp() {
  const keyPrefix = `{test-${randomUUID().slice(0, 8)}}`;
  const redis = connection();
  const logged: Logged[] = [];
  const log = (level: Logged['level']) => (about: object, message: string) =>
    void logged.push({ level, message, about });
  const logger = { info: log('info'), warn: log('warn'), error: log('error') } as unknown as Logger;
  const key = resultsStreamKey(keyPrefix);
  const readers: number[] = [];

  /** Starts one as the processor would; `leading` unless told otherwise. */
  const start = async (options: Pick<NotifierOptions, 'receiver'> & Partial<NotifierOptions>) => {
    const { receiver } = options;
    const reader = connection();
    readers.push((await reader.client('ID')) as number);
    const notifier = new Notifier({
      group: groupOf(receiver.kind, { reader, redis, keyPrefix }),
      taskTypes: [],
      onlyFailures: false,
      attempts: 8,
      firstDelayMs: 1,
      stopTimeoutMs: 0,
      leading: () => true,
      logger,
      ...options,
    });
    onTestFinished(() => notifier[Symbol.asyncDispose]());
    await notifier.start();
    return notifier;
  };

  /** A task ends: adds its result to the stream, and gives it as text. */
  const end = async (taskId: string, more: object = {}): Promise<string> => {
    const about = {
      task_id: taskId,
      task_type: 'add',
      user_id: null,
      metadata: {},
      timestamp: new Date().toISOString(),
    };
    const run = { attempts: 1, duration_ms: 1, queued_ms: 1 };
    const message = JSON.stringify({ ...about, status: 'completed', result: {}, ...run, ...more });
    await redis.xadd(key, '*', 'message', message);
    return message;
  };
  /** Cuts the connections that read the stream, as a network does. */
  const cut = async () => {
    for (const id of readers.splice(0)) await redis.client('KILL', 'ID', id);
  };
  return { redis, key, logged, start, end, cut };
}

function connection(): Redis {
  const redis = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  onTestFinished(() => redis.disconnect());
  return redis;
}

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  taskId: string;
}

/** A real HTTP server that keeps what it receives, and answers as the test says; by default at once, with 200. */
export async function startReceiver(
  answer: (response: ServerResponse, received: Received, count: number) => void = (response) => void response.end(),
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const one = { headers: request.headers, body, taskId: JSON.parse(body).task_id as string };
      received.push(one);
      answer(response, one, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, received, taskIds: () => received.map(({ taskId }) => taskId) };
}
