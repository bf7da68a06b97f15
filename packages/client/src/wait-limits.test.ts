import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Listener } from './listener.ts';
import { waitForResult } from './wait-for-result.ts';
import { watch } from './watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function wait(options: { timeoutMs?: number; signal?: AbortSignal }) {
  const subscriber = Object.assign(new EventEmitter(), {
    subscribe: async () => undefined,
    unsubscribe: async () => 0,
  });
  const ended = vi.fn();
  const outcome = waitForResult('t', options, {
    listener: new Listener(subscriber as unknown as Redis),
    channel: 'results',
    lookUp: async () => ({ status: 'pending' }),
    accepts: () => true,
    acceptsStored: () => true,
  });
  outcome.catch(ended);
  return ended;
}

test('an abort that comes while it is subscribing ends the wait', async () => {
  const abort = new AbortController();
  const ended = wait({ signal: abort.signal });
  abort.abort(new Error('enough'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toHaveBeenCalledWith(new Error('enough'));
});

test('a wait of no time ends at once', async () => {
  const ended = wait({ timeoutMs: 0 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toHaveBeenCalled();
});

test('a wait of 30 days does not end at once', async () => {
  const ended = wait({ timeoutMs: 30 * 24 * 60 * 60 * 1000 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).not.toHaveBeenCalled();
});

test.each(['hello', 'null', '5', '"text"', '[]', '{'])(
  'what others publish on our channels does no harm: %s',
  async (text) => {
    const subscriber = Object.assign(new EventEmitter(), {
      subscribe: async () => undefined,
      unsubscribe: async () => 0,
    });
    const listener = new Listener(subscriber as unknown as Redis);
    const hear = vi.fn();
    await listener.listen({ channels: ['results'], hear });
    expect(() => subscriber.emit('message', 'results', text)).not.toThrow();
    expect(hear).not.toHaveBeenCalled();
  },
);

test('watch misses nothing that comes together with the confirmation of its subscription', async () => {
  const subscriber = Object.assign(new EventEmitter(), {
    subscribe: async () => void subscriber.emit('message', 'events', '{"task_id":"t"}'),
    unsubscribe: async () => 0,
  });
  const channels = { results: 'results', events: 'events' };
  const listener = new Listener(subscriber as unknown as Redis);
  const lookUp = async () => ({ status: 'unknown' }) as const;
  const watching = watch({ signal: new AbortController().signal }, { listener, channels, lookUp });
  const seen = vi.fn();
  void watching.next().then(seen);
  await vi.advanceTimersByTimeAsync(1000);
  expect(seen).toHaveBeenCalled();
});
