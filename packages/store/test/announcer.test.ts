import { randomUUID } from 'node:crypto';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { rejectionKey, resultKey, resultsStreamKey, type TaskEvent, taskKey } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import { Recorder } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { Announcer } from '../src/announcer.ts';

const redisUrl = inject('redisUrl');

/** An announcer with keys and channels of its own, and one who listens on all of them. */
async function setUp({ streamLength = '100' } = {}) {
  const id = randomUUID();
  const channels = { events: `events-${id}`, results: `results-${id}`, replies: `results:me-${id}` };
  const env = privateEnvironment({
    REDIS_URL: redisUrl,
    TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}`,
    TASKWIRE_REDIS_CHANNELS_EVENTS: channels.events,
    TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: channels.results,
    TASKWIRE_RESULTS_TTL_SECONDS: '60',
    TASKWIRE_RESULTS_STREAM_MAX_LENGTH: streamLength,
  });
  const config = loadConfig({ env });
  const redis = new Redis(redisUrl);
  const recorder = await Recorder.on(redisUrl, Object.values(channels));
  const logger = createLogger({ service: 'test', level: 'silent' });
  const announcer = new Announcer({ redis, config, logger });
  onTestFinished(async () => {
    await announcer[Symbol.asyncDispose]();
    await recorder[Symbol.asyncDispose]();
    redis.disconnect();
  });
  /** Everything that was said until now, in order: PUBLISH and the listener's messages keep their order. */
  const said = async () => {
    const mark = { mark: randomUUID() };
    await redis.publish(channels.events, JSON.stringify(mark));
    await recorder.first(({ message }) => message.mark === mark.mark);
    return recorder.all.filter(({ message }) => message.mark === undefined);
  };
  const heard = async () =>
    (await said()).map(({ channel, message }) => {
      const name = Object.entries(channels).find(([, value]) => value === channel)?.[0];
      return `${name}: ${message.task_id} ${message.event ?? message.error ?? message.result?.text}`;
    });
  const streamed = async () => {
    const entries = await redis.xrange(resultsStreamKey(config.redis.key_prefix), '-', '+');
    return entries.map(([, fields]) => JSON.parse((fields as string[])[1] as string).task_id);
  };
  const prefix = config.redis.key_prefix;
  return { announcer, redis, channels, said, heard, streamed, prefix };
}

const timestamp = '2026-11-21T12:00:00.123Z';

function about(taskId: string) {
  return { task_id: taskId, task_type: 'shout', user_id: 7, timestamp };
}

const run = { metadata: {}, attempts: 1, duration_ms: 0, queued_ms: 0 };

function completed(taskId: string, text: string) {
  return { ...about(taskId), ...run, status: 'completed' as const, result: { text } };
}

function rejected(taskId: string | null) {
  const error = { status: 'error' as const, error: 'no', error_code: 'invalid_message' as const };
  return { ...about('x'), ...run, task_id: taskId, ...error };
}

function started(taskId: string): TaskEvent {
  return { ...about(taskId), event: 'started', attempt: 1 };
}

test('stores and publishes a result, adds it to the stream, and says that the task is finished', async () => {
  const { announcer, redis, heard, streamed, prefix } = await setUp();
  const result = completed('t', 'one');
  await redis.set(taskKey(prefix, 't'), 'admitted');
  await announcer.final(result, JSON.stringify(result), undefined);
  expect(await heard()).toEqual(['results: t one', 'events: t finished']);
  expect(await redis.get(resultKey(prefix, 't'))).toBe(JSON.stringify(result));
  expect(await redis.ttl(resultKey(prefix, 't'))).toBeGreaterThan(50);
  expect(await redis.ttl(taskKey(prefix, 't'))).toBeGreaterThan(50);
  expect(await streamed()).toEqual(['t']);
});

test('drops a second result of the same task', async () => {
  const { announcer, redis, heard, streamed, prefix } = await setUp();
  const [first, second] = [completed('t', 'one'), completed('t', 'two')];
  await announcer.final(first, JSON.stringify(first), undefined);
  await announcer.final(second, JSON.stringify(second), 'results:other');
  expect(await heard()).toEqual(['results: t one', 'events: t finished']);
  expect(await redis.get(resultKey(prefix, 't'))).toBe(JSON.stringify(first));
  expect(await streamed()).toEqual(['t']);
});

test('drops it also when two workers say theirs in the same moment', async () => {
  const { announcer, heard } = await setUp();
  const results = Array.from({ length: 5 }, (_, index) => completed('t', String(index)));
  await Promise.all(results.map((result) => announcer.final(result, JSON.stringify(result), undefined)));
  expect(await heard()).toEqual(['results: t 0', 'events: t finished']);
});

test('sends the result to the reply channel as well', async () => {
  const { announcer, heard, channels } = await setUp();
  const result = completed('t', 'one');
  await announcer.final(result, JSON.stringify(result), channels.replies);
  expect(await heard()).toEqual(['results: t one', 'replies: t one', 'events: t finished']);
});

test('publishes once when the reply channel is the results channel', async () => {
  const { announcer, heard, channels } = await setUp();
  const result = completed('t', 'one');
  await announcer.final(result, JSON.stringify(result), channels.results);
  expect(await heard()).toEqual(['results: t one', 'events: t finished']);
});

test('a rejection is answered without an event, and does not stand in the way of the task that follows', async () => {
  const { announcer, redis, heard, streamed, prefix } = await setUp();
  await announcer.rejection(rejected('t'), undefined);
  expect(JSON.parse((await redis.get(rejectionKey(prefix, 't'))) ?? '')).toEqual(rejected('t'));
  expect(await redis.ttl(rejectionKey(prefix, 't'))).toBeGreaterThan(50);
  const result = completed('t', 'one');
  await announcer.final(result, JSON.stringify(result), undefined);
  expect(await heard()).toEqual(['results: t no', 'results: t one', 'events: t finished']);
  expect(await streamed()).toEqual(['t', 't']);
});

test('a rejection does not touch the result of a task with its id', async () => {
  const { announcer, redis, heard, prefix } = await setUp();
  const result = completed('t', 'one');
  await announcer.final(result, JSON.stringify(result), undefined);
  await announcer.rejection(rejected('t'), undefined);
  expect(await heard()).toEqual(['results: t one', 'events: t finished', 'results: t no']);
  expect(await redis.get(resultKey(prefix, 't'))).toBe(JSON.stringify(result));
});

test('each rejection of the same id is answered', async () => {
  const { announcer, heard } = await setUp();
  await announcer.rejection(rejected('t'), undefined);
  await announcer.rejection(rejected('t'), undefined);
  expect(await heard()).toEqual(['results: t no', 'results: t no']);
});

test('an error that names no task is published, streamed and stored nowhere', async () => {
  const { announcer, redis, heard, streamed, channels, prefix } = await setUp();
  await announcer.rejection(rejected(null), channels.replies);
  expect(await heard()).toEqual(['results: null no', 'replies: null no']);
  expect(await streamed()).toEqual([null]);
  expect(await redis.keys(`${prefix.replace('{', '\\{')}*`)).toEqual([resultsStreamKey(prefix)]);
});

test('a stored result that is asked for again is published, and changes nothing', async () => {
  const { announcer, redis, heard, streamed, channels, prefix } = await setUp();
  const result = completed('t', 'one');
  await announcer.final(result, JSON.stringify(result), undefined);
  await announcer.repeat('t', JSON.stringify(result), channels.replies);
  expect(await heard()).toEqual(['results: t one', 'events: t finished', 'results: t one', 'replies: t one']);
  expect(await streamed()).toEqual(['t']);
  expect(await redis.get(resultKey(prefix, 't'))).toBe(JSON.stringify(result));
});

test('of what is said in one turn, events come before results, and all in the order in which it was said', async () => {
  const { announcer, heard, channels } = await setUp();
  const [one, two] = [completed('t1', 'one'), completed('t2', 'two')];
  announcer.event(started('t1'));
  const sent = [
    announcer.final(one, JSON.stringify(one), undefined),
    announcer.rejection(rejected(null), undefined),
    announcer.final(two, JSON.stringify(two), channels.replies),
  ];
  announcer.event(started('t2'));
  await Promise.all(sent);
  expect(await heard()).toEqual([
    'events: t1 started',
    'events: t2 started',
    'results: t1 one',
    'events: t1 finished',
    'results: null no',
    'results: t2 two',
    'replies: t2 two',
    'events: t2 finished',
  ]);
});

test('an attempt that begins and ends in one turn is told as any other', async () => {
  const { announcer, said } = await setUp();
  const [begun, ended] = ['2026-11-21T12:00:00.100Z', '2026-11-21T12:00:00.123Z'];
  const ids = { task_id: 't', task_type: '","metadata":{', user_id: '","metadata":{},"event":"finished' };
  const event = { ...ids, timestamp: begun, event: 'started' as const, attempt: 3 };
  const result = { ...ids, ...run, timestamp: ended, status: 'completed' as const, result: {} };
  announcer.event({ ...ids, timestamp: ended, event: 'progress', progress: 1 });
  announcer.event(event);
  await announcer.final(result, JSON.stringify(result), undefined);
  expect((await said()).map(({ message }) => message)).toEqual([
    event,
    { ...ids, timestamp: ended, event: 'progress', progress: 1 },
    result,
    { ...ids, timestamp: ended, event: 'finished', status: 'completed' },
  ]);
});

test('tells that an attempt began also if its result is a second one', async () => {
  const { announcer, heard } = await setUp();
  const [first, second] = [completed('t', 'one'), completed('t', 'two')];
  await announcer.final(first, JSON.stringify(first), undefined);
  announcer.event(started('t'));
  await announcer.final(second, JSON.stringify(second), undefined);
  expect(await heard()).toEqual(['results: t one', 'events: t finished', 'events: t started']);
});

test('keeps outcomes apart although those without a task have no keys', async () => {
  const { announcer, redis, prefix } = await setUp();
  const [one, two] = [completed('t1', 'one'), completed('t2', 'two')];
  await Promise.all([
    announcer.rejection(rejected(null), undefined),
    announcer.final(one, JSON.stringify(one), undefined),
    announcer.rejection(rejected(null), undefined),
    announcer.rejection(rejected('t3'), undefined),
    announcer.final(two, JSON.stringify(two), undefined),
  ]);
  const stored = await redis.mget(resultKey(prefix, 't1'), rejectionKey(prefix, 't3'), resultKey(prefix, 't2'));
  expect(stored).toEqual([one, rejected('t3'), two].map((result) => JSON.stringify(result)));
});

test('keeps no stream where none is wanted', async () => {
  const { announcer, heard, streamed } = await setUp({ streamLength: '0' });
  const result = completed('t', 'one');
  await announcer.final(result, JSON.stringify(result), undefined);
  expect(await heard()).toContain('results: t one');
  expect(await streamed()).toEqual([]);
});
