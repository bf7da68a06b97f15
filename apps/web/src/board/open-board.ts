import { createBullBoard } from '@bull-board/api';
import { FastifyAdapter } from '@bull-board/fastify';
import { TaskwireClient } from '@taskwire/client';
import { JobRemoval, JobRetry, type TaskQueue } from '@taskwire/queue';
import type { ServiceContext } from '@taskwire/service';
import { Announcer, TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
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

export interface OpenBoardOptions extends BoardOptions {
  path: string;
  /** Of the server whose requests it answers. */
  routerOptions: NonNullable<FastifyServerOptions['routerOptions']>;
  /** Ends its running actions. */
  closing: AbortSignal;
}

const FORM_BYTES = 64 * 1024;

/** What Bull Board's page would load from elsewhere: fonts. The system's do as well, and in their place comes a style sheet of ours. */
const FOREIGN_FONTS = /<link href="https:\/\/fonts\.googleapis\.com[^>]*>/;
const OUR_STYLE = '<link href="/assets/board/board.css" rel="stylesheet">';

/** Bull Board, with all queues of the registry: a server that does not listen, but is handed requests. */
export async function openBoard(options: OpenBoardOptions): Promise<FastifyInstance> {
  const { config, logger, metrics, registry, queues, redis, path, routerOptions, closing } = options;
  const keyPrefix = config.redis.key_prefix;
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
    closing,
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
  adapter.setBasePath(path).setErrorHandler(answerErrors({ config, logger }));

  const server = fastify({ routerOptions });
  server.addHook('preHandler', async ({ routeOptions: { url } }) => {
    // BullMQ would wait for its connection, however long Redis stays away.
    if (url?.startsWith(`${path}/api/`) && redis.status !== 'ready') await redis.ping();
  });
  server.addHook('onRoute', (route) => {
    // The longest message, and what the form adds to it.
    if (route.url.endsWith('/add')) route.bodyLimit = config.processor.max_message_bytes + FORM_BYTES;
  });
  rememberVisits(server);
  server.addHook('onSend', async (_request, reply, payload) => {
    const isPage = typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
    if (!isPage) return payload;
    void reply.header('content-security-policy', boardPolicy);
    return payload.replace(FOREIGN_FONTS, OUR_STYLE);
  });
  server.addHook('onClose', async () => {
    await Promise.all([client[Symbol.asyncDispose](), announcer[Symbol.asyncDispose]()]);
  });
  await server.register(adapter.registerPlugin(), { prefix: path });
  await server.ready();
  return server;
}
