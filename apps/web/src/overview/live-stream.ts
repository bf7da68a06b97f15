import type { FastifyInstance, FastifyRequest } from 'fastify';
import { chunkOf, sendStream } from '../api/news-stream.ts';
import { openStreams } from '../api/open-streams.ts';
import type { LiveStatus, Picture } from './live-status.ts';

/** The status, once and as a stream of events: `status` with the status as JSON, `trouble` with a sentence. */
export function registerLive(
  scope: FastifyInstance,
  live: LiveStatus,
  isStillWelcome: (request: FastifyRequest) => Promise<boolean>,
  welcomeCheckMs = 5000,
): void {
  const openStream = openStreams(scope, isStillWelcome, welcomeCheckMs);

  scope.get('/api/status', async (_request, reply) => {
    const { kind, text } = await live.now();
    if (kind === 'trouble') return reply.code(503).send({ error: text });
    return reply.type('application/json; charset=utf-8').send(text);
  });

  // A HEAD request, which Fastify would answer with the same handler, would never end.
  scope.get('/api/live', { exposeHeadRoute: false }, (request, reply) => {
    const stream = openStream(request);
    let newest: Picture | undefined;
    let isShowing = false;
    // A page that is slow gets the newest picture next, and none of those in between.
    const show = async () => {
      if (isShowing) return;
      isShowing = true;
      for (let next = newest; next; next = newest) {
        newest = undefined;
        stream.send(chunkOf(next.kind, next.text.replace(/[\r\n]+/g, ' ')));
        await stream.taken();
      }
      isShowing = false;
    };
    const stop = live.watch((picture) => {
      newest = picture;
      void show();
    });
    stream.once('close', stop);
    return sendStream(reply, stream);
  });
}
