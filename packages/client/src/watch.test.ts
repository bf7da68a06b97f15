import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { Listener } from './listener.ts';
import type { TaskState } from './task-state.ts';
import { watch } from './watch.ts';

const lookUp = async () => ({ status: 'unknown' }) as const;
const channels = { results: 'results', events: 'events' };

function setUp() {
  const emitter = new EventEmitter();
  const unsubscribe = vi.fn(async (..._: unknown[]) => undefined);
  const subscriber = Object.assign(emitter, { subscribe: async () => undefined, unsubscribe });
  const listener = new Listener(subscriber as unknown as Redis);
  const publish = (channel: string, task_id: string | null, more: object = {}) =>
    emitter.emit('message', channel, JSON.stringify({ task_id, ...more }));
  return { listener, publish, unsubscribe };
}

/** Resolves when the next message is being waited for. */
async function listening(next: Promise<unknown>): Promise<void> {
  await Promise.race([next, new Promise((resolve) => setImmediate(resolve))]);
}

test('brings events and results in the order in which they come', async () => {
  const { listener, publish } = setUp();
  const watching = watch({ signal: new AbortController().signal }, { listener, channels, lookUp });
  const first = watching.next();
  await listening(first);
  const timestamp = '2026-01-01T00:00:00.000Z';
  const accepted = { event: 'accepted', timestamp };
  const completed = { status: 'completed', timestamp, result: {} };
  const finished = { event: 'finished', timestamp };
  const failed = { status: 'error', timestamp, error: 'no', error_code: 'invalid_json' };
  publish('events', 't', accepted);
  publish('results', 't', completed);
  publish('events', 't', finished);
  publish('results', null, failed);
  const watched = [await first, await watching.next(), await watching.next(), await watching.next()];
  expect(watched.map(({ value }) => value)).toEqual([
    { kind: 'event', event: { task_id: 't', ...accepted } },
    { kind: 'result', result: { task_id: 't', ...completed } },
    { kind: 'event', event: { task_id: 't', ...finished } },
    { kind: 'result', result: { task_id: null, ...failed } },
  ]);
});

test('brings only what is said of the task that is asked for', async () => {
  const { listener, publish } = setUp();
  const watching = watch({ taskId: 't', signal: new AbortController().signal }, { listener, channels, lookUp });
  const first = watching.next();
  await listening(first);
  const accepted = { event: 'accepted', timestamp: '2026-01-01T00:00:00.000Z' };
  publish('events', 'another', accepted);
  publish('events', 't', accepted);
  expect((await first).value).toMatchObject({ event: { task_id: 't' } });
});

test('ends when it is aborted, and with it the subscription', async () => {
  const { listener, unsubscribe } = setUp();
  const abort = new AbortController();
  const watching = watch({ signal: abort.signal }, { listener, channels, lookUp });
  const next = watching.next();
  await listening(next);
  abort.abort();
  await expect(next).resolves.toEqual({ done: true, value: undefined });
  expect(unsubscribe.mock.calls.flat().toSorted()).toEqual(['events', 'results']);
});

test('ends the subscription when nobody looks any more', async () => {
  const { listener, publish, unsubscribe } = setUp();
  const watching = watch({ signal: new AbortController().signal }, { listener, channels, lookUp });
  const first = watching.next();
  await listening(first);
  publish('events', 't');
  await first;
  await watching.return();
  expect(unsubscribe.mock.calls.flat().toSorted()).toEqual(['events', 'results']);
});

test('begins with the result that a task has already, and brings it once', async () => {
  const { listener, publish } = setUp();
  const stored = { task_id: 't', status: 'completed', result: {}, timestamp: '2026-01-01T00:00:00.000Z' };
  const signal = new AbortController().signal;
  const watching = watch(
    { taskId: 't', signal },
    { listener, channels, lookUp: async () => ({ status: 'finished', result: stored }) as unknown as TaskState },
  );
  expect(await watching.next()).toMatchObject({ value: { kind: 'result', result: stored } });
  const next = watching.next();
  await listening(next);
  publish('results', 't', stored);
  publish('results', 't', { ...stored, timestamp: '2026-01-02T00:00:00.000Z' });
  expect((await next).value).toMatchObject({ result: { timestamp: '2026-01-02T00:00:00.000Z' } });
});
