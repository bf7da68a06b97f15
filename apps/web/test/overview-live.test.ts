import { once } from 'node:events';
import { connect } from 'node:net';
import fastify from 'fastify';
import { expect, test as sequential, vi } from 'vitest';
import type { LiveStatus } from '../src/overview/live-status.ts';
import { registerLive } from '../src/overview/live-stream.ts';
import { EventReader } from './overview-events.ts';
import { failure, statusWith } from './overview-fixtures.ts';
import { startOverview } from './overview-server.ts';

// Each has its own server, and most wait for a reading or two.
const test = sequential.concurrent;

test('sends the status at once, again when it has changed, and says when to come back', async () => {
  await using overview = await startOverview();
  await using events = await EventReader.open(`${overview.url}/api/live`);
  expect(events.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(events.response.headers.get('cache-control')).toBe('no-store, no-transform');
  expect(await events.block()).toBe('retry: 2000');
  expect(await events.event()).toEqual({ event: 'status', data: JSON.stringify(statusWith()) });
  const changed = statusWith({ latest_failures: [failure({ error: 'line one\nline two\r\n\r\ndata: line three' })] });
  overview.status = changed;
  expect(await events.event()).toEqual({ event: 'status', data: JSON.stringify(changed) });
});

test('keeps the headers that others have set for every answer', async () => {
  await using overview = await startOverview();
  await using events = await EventReader.open(`${overview.url}/api/live`);
  expect(events.response.headers.get('content-security-policy')).toContain("default-src 'self'");
});

test('reads once for all pages, and gives a further page the latest picture', async () => {
  await using overview = await startOverview();
  const since = performance.now();
  const pages = await Promise.all(Array.from({ length: 5 }, () => EventReader.open(`${overview.url}/api/live`)));
  await Promise.all(pages.map((events) => events.event()));
  await using later = await EventReader.open(`${overview.url}/api/live`);
  expect(await later.event()).toMatchObject({ event: 'status' });
  await Promise.all([...pages, later].map((events) => events.event()));
  // As for one page: one at first, and the next ones 2 s after the one before.
  expect(overview.readings).toBeLessThanOrEqual(1 + (performance.now() - since) / 1990);
  await Promise.all(pages.map((events) => events[Symbol.asyncDispose]()));
});

test('forgets a page that is gone', async () => {
  const stop = vi.fn();
  const live = { watch: () => stop } as unknown as LiveStatus;
  const server = fastify();
  registerLive(server, live, async () => true);
  const events = await EventReader.open(`${await server.listen({ port: 0 })}/api/live`);
  expect(await events.block()).toBe('retry: 2000');
  expect(stop).not.toHaveBeenCalled();
  await events[Symbol.asyncDispose]();
  await vi.waitFor(() => expect(stop).toHaveBeenCalledOnce());
  await server.close();
});

test('gives a page that was slow the newest picture next, on one line, and none of those in between', async () => {
  const pictures = [
    ...['1', '2', '3'].map((text) => ({ kind: 'status', text })),
    { kind: 'trouble', text: 'one\r\ntwo' },
  ];
  const live = {
    watch: (watcher: Parameters<LiveStatus['watch']>[0]) => {
      for (const picture of pictures as Parameters<typeof watcher>[0][]) watcher(picture);
      return () => undefined;
    },
  } as unknown as LiveStatus;
  const server = fastify();
  registerLive(server, live, async () => true);
  await using events = await EventReader.open(`${await server.listen({ port: 0 })}/api/live`);
  expect(await events.event()).toEqual({ event: 'status', data: '1' });
  expect(await events.event()).toEqual({ event: 'trouble', data: 'one two' });
  await server.close();
});

test('tells the trouble in one sentence, and goes on when it is over', async () => {
  await using overview = await startOverview();
  await using events = await EventReader.open(`${overview.url}/api/live`);
  expect(await events.event()).toMatchObject({ event: 'status' });
  overview.status = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const data = 'Redis at redis://127.0.0.1:6379/0 cannot be used: nothing listens there.';
  expect(await events.event()).toEqual({ event: 'trouble', data });
  overview.status = statusWith();
  expect(await events.event()).toMatchObject({ event: 'status' });
});

test('tells the trouble when Redis does not answer at all, and goes on when it does', async () => {
  const answers = [Promise.withResolvers<ReturnType<typeof statusWith>>()];
  let readings = 0;
  await using overview = await startOverview({
    status: () => {
      readings += 1;
      return answers[0]?.promise as Promise<ReturnType<typeof statusWith>>;
    },
  });
  await using events = await EventReader.open(`${overview.url}/api/live`);
  expect(await events.event()).toMatchObject({ event: 'trouble' });
  expect(readings).toBe(1);
  answers[0]?.resolve(statusWith());
  expect(await events.event()).toMatchObject({ event: 'status' });
});

test('survives a reading that throws at once', async () => {
  await using overview = await startOverview({
    status: () => {
      throw new Error('no status today');
    },
  });
  await using events = await EventReader.open(`${overview.url}/api/live`);
  const trouble = { event: 'trouble', data: 'The status cannot be read: no status today' };
  expect([await events.event(), await events.event()]).toEqual([trouble, trouble]);
});

test('ends the stream when the server closes', async () => {
  const overview = await startOverview();
  await using events = await EventReader.open(`${overview.url}/api/live`);
  await events.event();
  const closed = overview[Symbol.asyncDispose]();
  expect(await events.event()).toBeUndefined();
  await closed;
});

test('ends the stream when the session of its visitor ends, and no other one', async () => {
  const gone = new Set<string>();
  await using overview = await startOverview({
    isStillWelcome: async ({ query }) => !gone.has((query as { who: string }).who),
  });
  await using anna = await EventReader.open(`${overview.url}/api/live?who=anna`);
  await using bert = await EventReader.open(`${overview.url}/api/live?who=bert`);
  await anna.event();
  gone.add('anna');
  let last = await anna.event();
  while (last) last = await anna.event();
  expect(last).toBeUndefined();
  expect(await bert.event()).toMatchObject({ event: 'status' });
});

test('takes no page away because it cannot tell whether the session lasts', async () => {
  const asked = Promise.withResolvers<void>();
  await using overview = await startOverview({
    isStillWelcome: async () => {
      asked.resolve();
      throw new Error('Redis is away');
    },
  });
  await using events = await EventReader.open(`${overview.url}/api/live`);
  await asked.promise;
  for (let i = 0; i < 4; i += 1) expect(await events.event()).toMatchObject({ event: 'status' });
});

test('answers HEAD requests, rather than let them wait for the end of a stream', async () => {
  await using overview = await startOverview();
  const { status } = await fetch(`${overview.url}/api/live`, { method: 'HEAD' });
  expect(status).toBe(404);
  expect(overview.readings).toBe(0);
});

test('buffers no more than a picture for a page that takes nothing, and stops when it is gone', async () => {
  const large = statusWith({ latest_failures: [failure({ error: 'x'.repeat(4_000_000) })] });
  await using overview = await startOverview();
  overview.status = large;
  const { port } = new URL(overview.url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const accepted = once(overview.server.server, 'request');
  socket.write('GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  const [, response] = await accepted;
  socket.pause();
  await vi.waitUntil(() => overview.readings >= 4, { timeout: 12_000 });
  // One that is being written, and one that is ready.
  expect(response.writableLength).toBeLessThan(2 * 4_100_000);

  socket.destroy();
  await vi.waitUntil(() => response.destroyed);
  await vi.waitFor(async () => expect(await openConnections(overview.server.server)).toBe(0));
}, 20_000);

function openConnections(server: import('node:http').Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}
