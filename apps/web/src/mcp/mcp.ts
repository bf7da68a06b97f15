import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { goneSignal } from '../api/answers.ts';
import { prepareScope } from '../api/api-scope.ts';
import type { HandlerOptions } from './mcp-handler.ts';

export interface McpOptions extends HandlerOptions {
  /** The connection of the queues. */
  redis: Redis;
}

/** `/mcp`: tasks for AI assistants, over Streamable HTTP. It keeps no sessions: any web server of the installation may answer. */
export async function registerMcp(server: FastifyInstance, options: McpOptions): Promise<void> {
  // Many installations have no assistants, and what answers them takes its memory.
  const load = async () => (await import('./mcp-handler.ts')).createHandler(options);
  let handler: ReturnType<typeof load> | undefined;

  await server.register(async (scope) => {
    prepareScope(scope, options);
    scope.addHook('preClose', async () => (await handler)?.close());
    scope.route({
      method: ['GET', 'POST', 'DELETE'],
      url: '/mcp',
      // What its role may do is decided for each tool.
      config: { role: 'viewer', bounded: true },
      handler: async (request, reply) => {
        const { method, headers, visitor } = request;
        const body = method === 'POST' ? (request.body as Uint8Array<ArrayBuffer>) : null;
        const asked = new Request(`http://taskwire${request.url}`, {
          method,
          headers: Object.entries(headers).flatMap(([name, value]) =>
            typeof value === 'string' ? [[name, value]] : [],
          ),
          body,
          signal: goneSignal(reply),
        });
        const authInfo = { token: '', clientId: visitor?.name ?? '', scopes: [], extra: { request } };
        handler ??= load();
        return reply.send(await (await handler).fetch(asked, { authInfo }));
      },
    });
  });
}
