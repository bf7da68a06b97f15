import { randomUUID } from 'node:crypto';
import { type RedisConfig, redisSettings } from '@taskwire/config';
import {
  type CompletedResult,
  type ErrorResult,
  InvalidRequestError,
  resultKey,
  type TaskRequest,
  type TaskResult,
} from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { TaskwireClient } from '../src/client.ts';
import { NoProcessorError, WaitTimeoutError } from '../src/errors.ts';
import type { Watched } from '../src/watch.ts';

const redisUrl = inject('redisUrl');

/** A client with keys and channels that no other test uses, and a connection beside it. */
function setUp() {
  const id = randomUUID();
  const config = redisSettings({
    url: redisUrl,
    key_prefix: `{test-${id}}`,
    channels: {
      tasks_queue: [`tasks-${id}`, `more-tasks-${id}`],
      results_queue: `results-${id}`,
      events: `events-${id}`,
    },
  });
  const client = new TaskwireClient(config, { via: 'channel' });
  const redis = new Redis(redisUrl);
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    redis.disconnect();
  });
  return { client, config, redis, ...config.channels };
}

type Answer = (request: TaskRequest, publish: (channel: string, message: object) => Promise<number>) => unknown;

/** A processor and worker in one: does with each request what the test says. */
async function responder({ channels }: RedisConfig, answer: Answer = () => undefined) {
  const [subscriber, publisher] = [new Redis(redisUrl), new Redis(redisUrl)];
  onTestFinished(() => {
    subscriber.disconnect();
    publisher.disconnect();
  });
  const requests: TaskRequest[] = [];
  subscriber.on('message', (_, text) => {
    const request = JSON.parse(text);
    requests.push(request);
    void answer(request, (channel, message) => publisher.publish(channel, JSON.stringify(message)));
  });
  await subscriber.subscribe(channels.tasks[0]);
  return requests;
}

function about({ task_id, task_type }: Pick<TaskRequest, 'task_id' | 'task_type'>) {
  const run = { attempts: 1, duration_ms: 0, queued_ms: 0 };
  return { task_id, task_type, user_id: null, metadata: {}, timestamp: new Date().toISOString(), ...run };
}

function completed(request: Pick<TaskRequest, 'task_id' | 'task_type'>): CompletedResult {
  return { ...about(request), status: 'completed', result: { of: request.task_id } };
}

function failed(task_id: string, error_code: ErrorResult['error_code']): ErrorResult {
  return { ...about({ task_id, task_type: 'a' }), status: 'error', error: 'It went wrong', error_code };
}

test('submit publishes the request, and gives its task id', async () => {
  const { client, config } = setUp();
  const requests = await responder(config);
  const given = await client.submit({ task_type: 'a', task_id: 'mine', parameters: { text: 'x' }, user_id: 7 });
  const made = await client.submit({ task_type: 'a' });
  expect(given).toBe('mine');
  await expect
    .poll(() => requests)
    .toEqual([
      { task_type: 'a', task_id: 'mine', parameters: { text: 'x' }, user_id: 7 },
      { task_type: 'a', task_id: made },
    ]);
});

test('a request that nobody receives is an error that names the channel', async () => {
  const { client, tasks } = setUp();
  for (const asked of [client.submit({ task_type: 'a' }), client.run({ task_type: 'a' })]) {
    await expect(asked).rejects.toThrow(NoProcessorError);
    await expect(asked).rejects.toMatchObject({
      code: 'no_processor',
      message: expect.stringContaining(`"${tasks[0]}"`),
    });
  }
});

test('a request that no processor would accept is not sent', async () => {
  const { client } = setUp();
  await expect(client.submit({ task_type: 'a', priority: 0 })).rejects.toThrow(InvalidRequestError);
  await expect(client.run({ task_type: '' })).rejects.toThrow(InvalidRequestError);
});

test('run brings the result of its own request', async () => {
  const { client, config } = setUp();
  await responder(config, (request, publish) => publish(request.reply_to as string, completed(request)));
  await expect(client.run({ task_type: 'a', task_id: 't' })).resolves.toMatchObject({
    status: 'completed',
    result: { of: 't' },
  });
});

test('many runs at once each bring their own result, in whatever order these come', async () => {
  const { client, config } = setUp();
  const waiting: (() => unknown)[] = [];
  await responder(config, (request, publish) => {
    waiting.push(() => publish(request.reply_to as string, completed(request)));
    if (waiting.length === 20) for (const answer of waiting.toReversed()) void answer();
  });
  const ids = Array.from({ length: 20 }, (_, index) => `t${index}`);
  const results = await Promise.all(ids.map((task_id) => client.run({ task_type: 'a', task_id })));
  expect(results.map((result) => (result as CompletedResult).result.of)).toEqual(ids);
});

test('run brings an error result as a result: it throws only when there is none', async () => {
  const { client, config } = setUp();
  await responder(config, (request, publish) =>
    publish(request.reply_to as string, failed(request.task_id, 'task_failed')),
  );
  await expect(client.run({ task_type: 'a' })).resolves.toMatchObject({ status: 'error', error_code: 'task_failed' });
});

test('run listens on the reply channel of a request that has one', async () => {
  const { client, config } = setUp();
  const channel = `results:${randomUUID()}`;
  await responder(config, (request, publish) => publish(request.reply_to as string, completed(request)));
  const result = await client.run({ task_type: 'a', reply_to: channel });
  expect(result.status).toBe('completed');
});

test('two runs with one id each get the answer to their own request', async () => {
  const { client, config } = setUp();
  await responder(config, (request, publish) => {
    const isOther = request.parameters?.other === true;
    void publish(request.reply_to as string, isOther ? failed('t', 'task_id_conflict') : completed(request));
  });
  const run = (other: boolean) => client.run({ task_type: 'a', task_id: 't', parameters: { other } });
  const [conflict, own] = await Promise.all([run(true), run(false)]);
  expect([conflict.status, own.status]).toEqual(['error', 'completed']);
});

test('run finds in the store a result that was published to nobody', async () => {
  const { client, config, redis } = setUp();
  await responder(config, (request) =>
    redis.set(resultKey(config.key_prefix, request.task_id), JSON.stringify(completed(request))),
  );
  await expect(client.run({ task_type: 'a', task_id: 't' })).resolves.toMatchObject({ result: { of: 't' } });
});

test('run waits no longer than it may', async () => {
  const { client, config } = setUp();
  await responder(config);
  await expect(client.run({ task_type: 'a', task_id: 't' }, { timeoutMs: 50 })).rejects.toThrow(WaitTimeoutError);
});

test('result tells what is known of a task', async () => {
  const { client, config, redis } = setUp();
  await expect(client.result('t')).resolves.toEqual({ status: 'unknown' });
  const result = completed({ task_id: 't', task_type: 'a' });
  await redis.set(resultKey(config.key_prefix, 't'), JSON.stringify(result));
  await expect(client.result('t')).resolves.toEqual({ status: 'finished', result });
});

test('wait brings a result that is there already', async () => {
  const { client, config, redis } = setUp();
  const result = completed({ task_id: 't', task_type: 'a' });
  await redis.set(resultKey(config.key_prefix, 't'), JSON.stringify(result));
  await expect(client.wait('t')).resolves.toEqual(result);
});

test('wait brings the result of a task that somebody else has submitted, not that of a conflict over its id', async () => {
  const { client, redis, results } = setUp();
  const result = completed({ task_id: 't', task_type: 'a' });
  const waiting = client.wait('t');
  await expect.poll(() => redis.publish(results, JSON.stringify(failed('u', 'task_failed')))).toBe(1);
  await redis.publish(results, JSON.stringify(failed('t', 'task_id_conflict')));
  await redis.publish(results, JSON.stringify(result));
  await expect(waiting).resolves.toEqual(result);
});

test('watch brings events and results until it is aborted', async () => {
  const { client, redis, events, results } = setUp();
  const abort = new AbortController();
  const watched: Watched[] = [];
  const watching = (async () => {
    for await (const seen of client.watch({ signal: abort.signal })) {
      watched.push(seen);
      if (seen.kind === 'result') abort.abort();
    }
  })();
  const event = { ...about({ task_id: 't', task_type: 'a' }), event: 'accepted' };
  const result: TaskResult = completed({ task_id: 't', task_type: 'a' });
  await expect
    .poll(async () => {
      await redis.publish(events, JSON.stringify(event));
      return watched[0];
    })
    .toEqual({ kind: 'event', event });
  await redis.publish(results, JSON.stringify(result));
  await watching;
  expect(watched.at(-1)).toEqual({ kind: 'result', result });
});

test('a client that was never used has nothing to close', async () => {
  await expect(setUp().client[Symbol.asyncDispose]()).resolves.toBeUndefined();
});

test('a client may be used again after it was closed', async () => {
  const { client } = setUp();
  await client.result('t');
  await client[Symbol.asyncDispose]();
  await expect(client.result('t')).resolves.toEqual({ status: 'unknown' });
});
