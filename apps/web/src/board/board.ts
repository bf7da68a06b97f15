import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerErrors } from './answer-errors.ts';
import type { BoardOptions } from './open-board.ts';
import { beginVisit } from './visit.ts';

const BOARD_PATH = '/board';

/**
 * Bull Board at `/board`. It is loaded when somebody first asks for it: it would take an eighth of the start, and most never do.
 * Closing the server ends its running actions.
 */
export async function registerBoard(server: FastifyInstance, options: BoardOptions): Promise<void> {
  const closing = new AbortController();
  const answerTo = answerErrors(options);
  let opened: Promise<FastifyInstance> | undefined;

  await server.register(async (scope) => {
    // The board reads what is sent.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.addHook('preClose', async () => closing.abort(new Error('the dashboard stops')));
    scope.addHook('onClose', async () => (await opened?.catch(() => undefined))?.close());
    scope.setErrorHandler((error: Error, _request, reply) => {
      const { status, body } = answerTo(error);
      return reply.status(status ?? 500).send(body);
    });
    scope.all(BOARD_PATH, answer);
    scope.all(`${BOARD_PATH}/*`, answer);
  });

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    opened ??= open().catch((error) => {
      // As when too many files are open.
      opened = undefined;
      throw error;
    });
    const board = await opened;
    beginVisit(request);
    reply.hijack();
    reply.raw.setHeaders(new Map(Object.entries(reply.getHeaders() as Record<string, string>)));
    board.routing(request.raw, reply.raw);
  }

  async function open(): Promise<FastifyInstance> {
    const { openBoard } = await import('./open-board.ts');
    const { routerOptions = {} } = server.initialConfig;
    return openBoard({ ...options, path: BOARD_PATH, routerOptions, closing: closing.signal });
  }
}
