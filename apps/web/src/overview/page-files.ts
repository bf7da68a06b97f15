import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const FOLDER = fileURLToPath(new URL('page/', import.meta.url));

/** The page, and its style sheets, scripts and pictures. */
export async function registerPage(scope: FastifyInstance): Promise<void> {
  await scope.register(fastifyStatic, {
    root: FOLDER,
    serve: false,
    index: false,
    cacheControl: false,
    allowedPath: (path) => /^\/?(index\.html|[\w-]+\.(js|css|svg))$/.test(path),
  });
  scope.get('/', (_request, reply) => reply.sendFile('index.html'));
  // Open, as they hold nothing secret and the login page may want the same look.
  scope.get<{ Params: { '*': string } }>('/assets/*', { config: { open: true } }, (request, reply) => {
    // The names hold no versions: a browser keeps the files, and asks by etag whether they are still valid.
    reply.header('cache-control', 'no-cache');
    return reply.sendFile(request.params['*']);
  });
}
