import { createBullBoard } from '@bull-board/api';
import { FastifyAdapter } from '@bull-board/fastify';
import { TaskwireClient } from '@taskwire/client';
import { JobRemoval, JobRetry, type TaskQueue } from '@taskwire/queue';
import type { ServiceContext } from '@taskwire/service';
import { Announcer, TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { boardPolicy } from '../access/security-headers.ts';
import { answerErrors } from './answer-errors.ts';
import { boardHooks } from './board-hooks.ts';
import { looks } from './looks.ts';
import { TaskActions } from './task-actions.ts';
import { TaskQueueAdapter } from './task-queue-adapter.ts';
import { rememberVisits } from './visit.ts';

export interface BoardOptions extends Pick<ServiceContext, 'config' | 'logger' | 'metrics'> {
  registry: TaskRegistry;
  queues: ReadonlyMap<string, TaskQueue>;
  /** The connection of the queues. */
  redis: Redis;
}

export const BOARD_PATH = '/board';

const FORM_BYTES = 64 * 1024;

/** What Bull Board's page would load from elsewhere: fonts. The system's do as well, and in their place comes a style sheet of ours. */
const FOREIGN_FONTS = /<link href="https:\/\/fonts\.googleapis\.com[^>]*>/;
const OUR_STYLE = '<link href="/assets/board/board.css" rel="stylesheet">';

/** Bull Board at `/board`, with all queues of the registry. Closing the server ends its running actions. */
export async function registerBoard(server: FastifyInstance, options: BoardOptions): Promise<void> {
  const { config, logger, metrics, registry, queues, redis } = options;
  const keyPrefix = config.redis.key_prefix;
  const closing = new AbortController();
  // Whoever adds a task on this page is told at once when no processor listens.
  const client = new TaskwireClient(config.redis, { via: 'channel' });
  const announcer = new Announcer({ redis, config, logger });
  const store = new TaskStore({ redis, config });
  const actions = new TaskActions({
    client,
    registry,
    maxBytes: config.processor.max_message_bytes,
    store,
    jobRetry: new JobRetry(store),
    removal: new JobRemoval({ redis, keyPrefix, announcer, store, registry, metrics, logger }),
    closing: closing.signal,
  });

  const adapter = new FastifyAdapter();
  createBullBoard({
    queues: [...queues.values()].map((queue) => {
      const definitions = registry.definitions.filter((definition) => definition.queue === queue.name);
      return new TaskQueueAdapter(queue, definitions, actions);
    }),
    serverAdapter: adapter,
    options: {
      handlerHooks: boardHooks(logger),
      uiConfig: looks,
    },
  });
  adapter.setBasePath(BOARD_PATH).setErrorHandler(answerErrors({ config, logger }));

  await server.register(async (scope) => {
    scope.addHook('preHandler', async ({ routeOptions: { url } }) => {
      // BullMQ would wait for its connection, however long Redis stays away.
      if (url?.startsWith(`${BOARD_PATH}/api/`) && redis.status !== 'ready') await redis.ping();
    });
    scope.addHook('onRoute', (route) => {
      // The longest message, and what the form adds to it.
      if (route.url.endsWith('/add')) route.bodyLimit = config.processor.max_message_bytes + FORM_BYTES;
    });
    rememberVisits(scope);
    scope.addHook('onSend', async (_request, reply, payload) => {
      const isPage = typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
      if (!isPage) return payload;
      void reply.header('content-security-policy', boardPolicy);
      return payload.replace(FOREIGN_FONTS, OUR_STYLE);
    });
    scope.addHook('preClose', async () => closing.abort(new Error('the dashboard stops')));
    scope.addHook('onClose', async () => {
      await Promise.all([client[Symbol.asyncDispose](), announcer[Symbol.asyncDispose]()]);
    });
    await scope.register(adapter.registerPlugin(), { prefix: BOARD_PATH });
  });
}
