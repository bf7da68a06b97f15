import type { FastifyInstance, FastifyRequest } from 'fastify';
import { EventStream } from './event-stream.ts';
import type { LiveStatus } from './live-status.ts';

const KEEP_ALIVE_MS = 15_000;

/** The status, once and as a stream of events: `status` with the status as JSON, `trouble` with a sentence. */
export function registerLive(
  scope: FastifyInstance,
  live: LiveStatus,
  isStillWelcome: (request: FastifyRequest) => Promise<boolean>,
  welcomeCheckMs = 5000,
): void {
  const open = new Set<EventStream>();

  scope.get('/api/status', async (_request, reply) => {
    const { kind, text } = await live.now();
    if (kind === 'trouble') return reply.code(503).send({ error: text });
    return reply.type('application/json; charset=utf-8').send(text);
  });

  // A HEAD request, which Fastify would answer with the same handler, would never end.
  scope.get('/api/live', { exposeHeadRoute: false }, (request, reply) => {
    const stream = new EventStream();
    open.add(stream);
    const stopWatching = live.watch(({ kind, text }) => stream.event(kind, text));
    const keepAlive = setInterval(() => stream.keepAlive(), KEEP_ALIVE_MS);
    const check = setInterval(async () => {
      // An unknown answer, as when Redis is away, does not take the page away.
      const welcome = await isStillWelcome(request).catch(() => true);
      if (!welcome) stream.end();
    }, welcomeCheckMs);
    stream.once('close', () => {
      open.delete(stream);
      stopWatching();
      clearInterval(keepAlive);
      clearInterval(check);
    });
    // Proxies would hold events back to compress or to buffer them.
    return reply
      .header('cache-control', 'no-store, no-transform')
      .header('x-accel-buffering', 'no')
      .type('text/event-stream; charset=utf-8')
      .send(stream);
  });

  scope.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });
}
