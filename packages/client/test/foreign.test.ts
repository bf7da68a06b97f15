import { randomUUID } from 'node:crypto';
import { redisSettings } from '@taskwire/config';
import { resultKey, type TaskResult } from '@taskwire/protocol';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { TaskwireClient } from '../src/client.ts';
import type { Watched } from '../src/watch.ts';

const redisUrl = inject('redisUrl');
const timestamp = '2026-11-21T12:00:00.123Z';
const run = { attempts: 1, duration_ms: 0, queued_ms: 0 };
const about = { task_id: 't', task_type: 'a', user_id: null, metadata: {}, timestamp };
const result: TaskResult = { ...about, status: 'completed', result: { text: 'ours' }, ...run };

/** What others may publish, the last ones about the very task for which somebody waits. */
const foreign: readonly (string | Buffer)[] = [
  'no JSON',
  'null',
  '[]',
  '[{"task_id":"t"}]',
  '17',
  '"t"',
  '{}',
  Buffer.from([0xff, 0xfe, 0x7b, 0x7d]),
  `{"text":"${'x'.repeat(5_000_000)}"}`,
  '{"user_id":1,"task_id":"connection-test","task_type":"test","status":"test","result":{"message":"hi"}}',
  '{"task_id":{"toString":1},"status":"completed"}',
  '{"user_id":1,"task_id":"t","task_type":"test","status":"test","result":{"message":"hi"}}',
  '{"task_id":"t","status":"completed"}',
  '{"task_id":"t","status":"completed","timestamp":5,"result":{}}',
  `{"task_id":"t","status":"completed","timestamp":"${timestamp}","result":null}`,
  `{"task_id":"t","status":"error","timestamp":"${timestamp}","error":"of an older program"}`,
  '{"task_id":"t","event":7}',
  '{"task_id":"t"}',
];

function setUp() {
  const id = randomUUID();
  const config = redisSettings({
    url: redisUrl,
    key_prefix: `{test-${id}}`,
    channels: { tasks_queue: [`tasks-${id}`], results_queue: `results-${id}`, events: `events-${id}` },
  });
  const client = new TaskwireClient(config);
  const redis = new Redis(redisUrl);
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    redis.disconnect();
  });
  /** Publishes on a channel to which somebody listens, all that others may, then our own message. */
  const publish = async (channel: string, ours: object) => {
    await expect.poll(async () => (await redis.pubsub('NUMSUB', channel))[1]).toBe(1);
    for (const message of [...foreign, JSON.stringify(ours)]) await redis.publish(channel, message);
  };
  return { client, config, redis, publish, ...config.channels };
}

test('a result that is waited for is told from what others publish with its id', async () => {
  const { client, publish, results } = setUp();
  const waiting = client.wait('t');
  await publish(results, result);
  await expect(waiting).resolves.toEqual(result);
});

test('so is the result of a task that was just sent, on the channel for it', async () => {
  const { client, publish } = setUp();
  const reply_to = `results:${randomUUID()}`;
  const running = client.run({ task_id: 't', task_type: 'a', reply_to });
  await publish(reply_to, result);
  await expect(running).resolves.toEqual(result);
});

test('so is a receipt', async () => {
  const { client, publish, results, events } = setUp();
  const refused = { ...about, status: 'error', error: 'no', error_code: 'unknown_task_type', ...run };
  const input = { task_id: 't', task_type: 'a' };
  const deliveries = [client.deliver(input, { timeoutMs: 30_000 }), client.deliver(input, { timeoutMs: 30_000 })];
  await publish(results, refused);
  expect(await Promise.all(deliveries)).toEqual([
    { status: 'refused', result: refused },
    { status: 'refused', result: refused },
  ]);
  const delivery = client.deliver(input, { timeoutMs: 30_000 });
  await publish(events, { ...about, event: 'accepted' });
  expect(await delivery).toEqual({ status: 'accepted' });
});

test('so is the end of a cancelled task', async () => {
  const { client, config, redis, publish, results, events } = setUp();
  const cancelled = { ...about, status: 'error', error: 'Cancelled', error_code: 'cancelled', ...run };
  const cancelling = client.cancel('t');
  await publish(events, { ...about, event: 'cancel_requested' });
  await redis.set(resultKey(config.key_prefix, 't'), JSON.stringify(cancelled));
  await publish(results, cancelled);
  expect(await cancelling).toEqual({ status: 'cancelled', result: cancelled });
});

test.each(['t', undefined])('who watches gets what others publish with an id as it is, and goes on', async (taskId) => {
  const { client, publish, results, events } = setUp();
  const abort = new AbortController();
  const watched: Watched[] = [];
  const watching = (async () => {
    for await (const seen of client.watch({ taskId, signal: abort.signal })) {
      watched.push(seen);
      if (seen.kind === 'result') abort.abort();
    }
  })();
  await publish(events, { ...about, event: 'accepted' });
  await publish(results, result);
  await watching;
  const named = foreign.map(parsed).filter((message) => message?.task_id === 't' || (!taskId && message?.task_id));
  const seen = named.map((message) => ({ kind: 'foreign', message }));
  const event = { kind: 'event', event: { ...about, event: 'accepted' } };
  expect(watched).toEqual([...seen, event, ...seen, { kind: 'result', result }]);
});

// biome-ignore lint/suspicious/noExplicitAny: anything
function parsed(message: string | Buffer): any {
  try {
    return JSON.parse(message.toString());
  } catch {
    return undefined;
  }
}

test('a user id of any size comes back digit for digit, from the channel and from the store', async () => {
  const { client, config, redis, results } = setUp();
  const digits = '123456789012345678901234567890';
  const stored = JSON.stringify(result).replace('"user_id":null', `"user_id":${digits}`);
  const waiting = client.wait('t');
  await expect.poll(async () => (await redis.pubsub('NUMSUB', results))[1]).toBe(1);
  await redis.publish(results, stored);
  expect(JSON.stringify(await waiting)).toBe(stored);
  await redis.set(resultKey(config.key_prefix, 't'), stored);
  const state = await client.result('t');
  expect(JSON.stringify('result' in state && state.result)).toBe(stored);
});
