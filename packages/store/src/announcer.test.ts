import { type Config, loadConfig, privateEnvironment } from '@taskwire/config';
import type { TaskEvent } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Announcer } from './announcer.ts';

// Node's own promised timers know nothing of fake ones.
vi.mock('node:timers/promises', () => ({
  setTimeout: (ms: number, value: unknown, { signal }: { signal?: AbortSignal } = {}) =>
    new Promise((resolve, reject) => {
      setTimeout(resolve, ms, value);
      signal?.addEventListener('abort', () => reject(signal.reason));
    }),
}));

// What the script does in Redis is tested in `test/announcer.test.ts`; here is when it is called, and how often.

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout'] });
});

afterEach(() => {
  vi.useRealTimers();
});

const config: Config = loadConfig({ env: privateEnvironment({}) });
const about = { task_id: 't', task_type: 'a', user_id: null, timestamp: '2026-11-21T12:00:00.123Z' };
const accepted: TaskEvent = { ...about, event: 'accepted' };
const result = {
  ...about,
  metadata: {},
  status: 'completed' as const,
  result: {},
  attempts: 1,
  duration_ms: 0,
  queued_ms: 0,
};

/** An announcer to a Redis that answers as the test says. */
function announcerTo(answer: () => Promise<number>) {
  const call = vi.fn(answer);
  const redis = { defineCommand: () => undefined, 'taskwire-announce': call } as unknown as Redis;
  const logger = createLogger({ service: 'test', level: 'silent' });
  return { announcer: new Announcer({ redis, config, logger }), call };
}

test('what is said in one turn of the event loop goes to Redis in one call', async () => {
  const { announcer, call } = announcerTo(async () => 1);
  announcer.event(accepted);
  const first = announcer.final(result, JSON.stringify(result), undefined);
  const second = announcer.repeat('u', JSON.stringify(result), undefined);
  expect(call).not.toHaveBeenCalled();
  await Promise.all([first, second]);
  expect(call).toHaveBeenCalledTimes(1);
});

test('what is said in the next turn goes in the next call', async () => {
  const { announcer, call } = announcerTo(async () => 1);
  await announcer.repeat('t', '{}', undefined);
  await announcer.repeat('t', '{}', undefined);
  expect(call).toHaveBeenCalledTimes(2);
});

test('many large results are spread over several calls', async () => {
  const { announcer, call } = announcerTo(async () => 1);
  const message = JSON.stringify({ text: 'x'.repeat(1024 * 1024) });
  await Promise.all(Array.from({ length: 10 }, (_, index) => announcer.repeat(`t${index}`, message, undefined)));
  expect(call.mock.calls.length).toBeGreaterThanOrEqual(3);
  expect(call.mock.calls.map((args) => args.filter((argument) => argument === message).length)).toEqual([4, 4, 2]);
});

test('sends again what Redis does not take, until it does', async () => {
  let failures = 3;
  const { announcer, call } = announcerTo(async () => {
    failures -= 1;
    if (failures >= 0) throw new Error('LOADING Redis is loading the dataset in memory');
    return 1;
  });
  const sent = announcer.final(result, JSON.stringify(result), 'results:me');
  await vi.waitFor(() => expect(call).toHaveBeenCalledTimes(1));
  await vi.advanceTimersByTimeAsync(3 * 500);
  await sent;
  expect(call).toHaveBeenCalledTimes(4);
  for (const args of call.mock.calls) expect(args).toEqual(call.mock.calls[0]);
});

test('sends what is left when it is closed', async () => {
  const { announcer, call } = announcerTo(async () => 1);
  announcer.event(accepted);
  await announcer[Symbol.asyncDispose]();
  expect(call).toHaveBeenCalledTimes(1);
});

test('waits for what is under way when it is closed', async () => {
  const taken = Promise.withResolvers<number>();
  const { announcer, call } = announcerTo(() => taken.promise);
  const sent = vi.fn();
  void announcer.repeat('t', '{}', undefined).then(sent);
  const closed = announcer[Symbol.asyncDispose]();
  expect(call).toHaveBeenCalledTimes(1);
  taken.resolve(1);
  await closed;
  expect(sent).toHaveBeenCalled();
});

test('gives up on a Redis that does not take anything within 2 s of its closing', async () => {
  const { announcer } = announcerTo(() => Promise.reject(new Error('Connection is closed.')));
  const sent = announcer.repeat('t', '{}', undefined);
  const outcome = expect(sent).rejects.toThrow();
  const closed = announcer[Symbol.asyncDispose]();
  await vi.advanceTimersByTimeAsync(2000);
  await closed;
  await outcome;
});
