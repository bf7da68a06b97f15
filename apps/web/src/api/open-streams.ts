import type { FastifyInstance, FastifyRequest } from 'fastify';
import { NewsStream } from './news-stream.ts';

/**
 * Opens streams that end with their server, or when who asked for them may no longer look, and says nothing on them now and
 * then, so that proxies in between see a connection in use.
 */
export function openStreams(
  scope: FastifyInstance,
  isStillWelcome: (request: FastifyRequest) => Promise<boolean>,
  tickMs = 15_000,
): (request: FastifyRequest) => NewsStream {
  const open = new Map<NewsStream, FastifyRequest>();
  const look = async (stream: NewsStream, request: FastifyRequest) => {
    stream.keepAlive();
    // An unknown answer, as when Redis is away, does not end it.
    if (!(await isStillWelcome(request).catch(() => true))) stream.end();
  };
  const tick = setInterval(() => {
    for (const [stream, request] of open) void look(stream, request);
  }, tickMs);
  scope.addHook('preClose', async () => {
    clearInterval(tick);
    for (const stream of open.keys()) stream.end();
  });
  return (request) => {
    const stream = new NewsStream();
    open.set(stream, request);
    return stream.once('close', () => open.delete(stream));
  };
}
