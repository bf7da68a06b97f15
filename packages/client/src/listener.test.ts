import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { Listener } from './listener.ts';

/** A subscriber connection that confirms at once, unless the test says otherwise. */
function setUp(confirm: () => Promise<unknown> = async () => undefined) {
  const emitter = new EventEmitter();
  const subscribe = vi.fn(confirm);
  const unsubscribe = vi.fn(async () => undefined);
  const subscriber = Object.assign(emitter, { subscribe, unsubscribe }) as unknown as Redis;
  const publish = (channel: string, task_id: string | null) =>
    emitter.emit('message', channel, JSON.stringify({ task_id }));
  return { listener: new Listener(subscriber), publish, subscribe, unsubscribe };
}

test('hears what is said of its task, on its channels', async () => {
  const { listener, publish } = setUp();
  const hear = vi.fn();
  await listener.listen({ channels: ['results', 'events'], taskId: 't', hear });
  publish('results', 't');
  publish('events', 't');
  publish('results', 'another');
  publish('results', null);
  publish('elsewhere', 't');
  expect(hear.mock.calls).toEqual([
    [{ task_id: 't' }, 'results'],
    [{ task_id: 't' }, 'events'],
  ]);
});

test('who names no task hears of all, once each, also of messages that name none', async () => {
  const { listener, publish } = setUp();
  const hear = vi.fn();
  await listener.listen({ channels: ['results'], hear });
  for (const taskId of ['t', 'u', null]) publish('results', taskId);
  expect(hear.mock.calls.map(([message]) => message.task_id)).toEqual(['t', 'u', null]);
});

test('all who ask for the same task hear of it', async () => {
  const { listener, publish } = setUp();
  const [one, other, all] = [vi.fn(), vi.fn(), vi.fn()];
  await listener.listen({ channels: ['results'], taskId: 't', hear: one });
  await listener.listen({ channels: ['results'], taskId: 't', hear: other });
  await listener.listen({ channels: ['results'], hear: all });
  publish('results', 't');
  for (const hear of [one, other, all]) expect(hear).toHaveBeenCalledTimes(1);
});

test('hears nothing more once it has ended, while others do', async () => {
  const { listener, publish, unsubscribe } = setUp();
  const [one, other] = [vi.fn(), vi.fn()];
  const stop = await listener.listen({ channels: ['results'], taskId: 't', hear: one });
  await listener.listen({ channels: ['results'], taskId: 't', hear: other });
  stop();
  publish('results', 't');
  expect(one).not.toHaveBeenCalled();
  expect(other).toHaveBeenCalledTimes(1);
  expect(unsubscribe).not.toHaveBeenCalled();
});

test('ends a subscription with the last who listens, and takes it up again with the next', async () => {
  const { listener, publish, subscribe, unsubscribe } = setUp();
  const stops = [
    await listener.listen({ channels: ['results', 'events'], taskId: 't', hear: vi.fn() }),
    await listener.listen({ channels: ['results'], hear: vi.fn() }),
  ];
  stops[0]?.();
  expect(unsubscribe.mock.calls).toEqual([['events']]);
  stops[1]?.();
  expect(unsubscribe.mock.calls).toEqual([['events'], ['results']]);

  const hear = vi.fn();
  await listener.listen({ channels: ['results'], taskId: 't', hear });
  expect(subscribe).toHaveBeenLastCalledWith('results');
  publish('results', 't');
  expect(hear).toHaveBeenCalledTimes(1);
});

test('listens only when Redis has confirmed it, also when somebody listens already', async () => {
  const confirmed = Promise.withResolvers<void>();
  const { listener } = setUp(() => confirmed.promise);
  const listening = vi.fn();
  for (const taskId of ['t', 'u']) {
    void listener.listen({ channels: ['results'], taskId, hear: vi.fn() }).then(listening);
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(listening).not.toHaveBeenCalled();
  confirmed.resolve();
  await vi.waitFor(() => expect(listening).toHaveBeenCalledTimes(2));
});

test('misses nothing that comes together with the confirmation', async () => {
  const { listener, publish } = setUp(async () => publish('results', 't'));
  const hear = vi.fn();
  await listener.listen({ channels: ['results'], taskId: 't', hear });
  expect(hear).toHaveBeenCalledTimes(1);
});

test('passes on why it cannot listen, and forgets who asked', async () => {
  const { listener, publish } = setUp(() => Promise.reject(new Error('Connection is closed.')));
  const hear = vi.fn();
  await expect(listener.listen({ channels: ['results'], taskId: 't', hear })).rejects.toThrow('Connection is closed.');
  publish('results', 't');
  expect(hear).not.toHaveBeenCalled();
});
