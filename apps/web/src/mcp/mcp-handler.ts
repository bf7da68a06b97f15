import { createTaskServer } from '@taskwire/mcp';
import { createMcpHandler } from '@taskwire/mcp/http';
import type { Logger } from '@taskwire/service';
import type { FastifyRequest } from 'fastify';
import { loggedProblem } from '../api/api-scope.ts';
import { HttpDesk, type HttpDeskOptions } from './http-desk.ts';

export interface HandlerOptions extends HttpDeskOptions {
  logger: Logger;
}

/** Answers assistants: each request by a server and a desk of its own. */
export function createHandler(options: HandlerOptions) {
  const { config, logger } = options;
  const explain = (error: unknown) => loggedProblem(error, logger).message;
  return createMcpHandler(
    ({ era, authInfo }) => {
      const desk = new HttpDesk(authInfo?.extra?.request as FastifyRequest, options);
      return createTaskServer({ desk, config, era, explain });
    },
    { onerror: (error) => logger.debug({ err: error }, 'an assistant asked in a wrong way') },
  );
}
