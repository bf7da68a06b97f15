import type { FastifyInstance, HTTPMethods } from 'fastify';
import { Problem, sendProblem } from './problem.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * What the API answers where it has no route, or none of this method. Call it before the routes; what it returns, after them:
 * it gives the methods of each path.
 */
export function refuseUnknownRoutes(scope: FastifyInstance): () => ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>();
  scope.addHook('onRoute', ({ url, method, prefix }) => {
    const path = url.slice(prefix.length);
    const methods = known.get(path) ?? new Set();
    known.set(path, methods);
    for (const each of [method].flat()) methods.add(each);
  });
  scope.setNotFoundHandler(async (request, reply) => {
    const detail = `There is no ${request.url.split('?')[0]} in this API; /api/docs shows what there is.`;
    return sendProblem(reply, new Problem(404, { detail }));
  });
  return () => {
    const routes = new Map([...known].map(([url, there]) => [url, new Set(there)]));
    for (const [url, there] of routes) {
      const headers = { allow: [...there].join(', ') };
      const problem = new Problem(405, { detail: `Here you can use ${headers.allow}.`, headers });
      const method = METHODS.filter((each) => !there.has(each));
      scope.route({
        method,
        url,
        config: { role: 'viewer', bounded: true },
        handler: async (_, reply) => sendProblem(reply, problem),
      });
    }
    return routes;
  };
}
