import { createTaskServer } from '@taskwire/mcp';
import { createMcpHandler } from '@taskwire/mcp/http';
import type { Logger } from '@taskwire/service';
import { catalogueOf } from '@taskwire/tasks';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { goneSignal } from '../api/answers.ts';
import { Problem, problemOf, sendProblem } from '../api/problem.ts';
import { HttpDesk, type HttpDeskOptions } from './http-desk.ts';

export interface McpOptions extends Omit<HttpDeskOptions, 'catalogue'> {
  logger: Logger;
  /** The connection of the queues. */
  redis: Redis;
}

/** `/mcp`: tasks for AI assistants, over Streamable HTTP. It keeps no sessions: any web server of the installation may answer. */
export async function registerMcp(server: FastifyInstance, options: McpOptions): Promise<void> {
  const { config, registry, redis, logger } = options;
  const catalogue = catalogueOf(registry);
  const problemIn = (error: unknown) => {
    const problem = problemOf(error);
    if (!problem) logger.error({ err: error }, 'an answer to an assistant failed');
    return problem ?? new Problem(500, { detail: 'Something is wrong here; the log says what.' });
  };
  const explain = (error: unknown) => problemIn(error).message;
  const handler = createMcpHandler(
    ({ era, authInfo }) => {
      const desk = new HttpDesk(authInfo?.extra?.request as FastifyRequest, { ...options, catalogue });
      return createTaskServer({ desk, config, era, explain });
    },
    { onerror: (error) => logger.debug({ err: error }, 'an assistant asked in a wrong way') },
  );

  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    const bodies = { parseAs: 'buffer', bodyLimit: config.processor.max_message_bytes } as const;
    scope.addContentTypeParser('application/json', bodies, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error, _request, reply) => sendProblem(reply, problemIn(error)));
    scope.addHook('preHandler', async () => {
      // BullMQ would wait for its connection, however long Redis stays away.
      if (redis.status !== 'ready') await redis.ping();
    });
    scope.addHook('preClose', () => handler.close());
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
        return reply.send(await handler.fetch(asked, { authInfo }));
      },
    });
  });
}
