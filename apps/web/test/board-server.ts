import { fileURLToPath } from 'node:url';
import type { Config } from '@taskwire/config';
import { ServiceMetrics } from '@taskwire/monitoring';
import { openQueues, type TaskQueue } from '@taskwire/queue';
import { connect } from '@taskwire/redis';
import { createLogger } from '@taskwire/service';
import { createRegistry } from '@taskwire/tasks';
import fastify from 'fastify';
import { registerBoard } from '../src/board/board.ts';

/** Task types for tests, as a user's own would be. */
export const TASKS_FOLDER = fileURLToPath(new URL('../../../test/tasks', import.meta.url));

export type Asker = 'operator' | 'viewer' | 'nobody';

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever Bull Board answers
  body: any;
  text: string;
}

const VISITORS = {
  operator: { name: 'ada', role: 'operator' },
  viewer: { name: 'vic', role: 'viewer' },
  nobody: null,
} as const;

/** The board over HTTP, without access control: who asks is taken from a header. */
export async function startBoard(config: Config) {
  const logger = createLogger({ service: 'web', level: 'silent' });
  const registry = await createRegistry(config.tasks.folders);
  const redis = connect({ config: config.redis, role: 'client', name: 'web' });
  const keyPrefix = config.redis.key_prefix;
  const queues = await openQueues({ names: registry.queues, keyPrefix, connection: redis, logger });
  const server = fastify({ forceCloseConnections: true });
  server.decorateRequest('visitor', null);
  server.addHook('onRequest', async (request) => {
    request.visitor = VISITORS[(request.headers['x-asker'] ?? 'operator') as Asker];
  });
  await registerBoard(server, { config, logger, metrics: new ServiceMetrics(), registry, queues, redis });
  const url = `${await server.listen({ host: '127.0.0.1', port: 0 })}/board`;

  async function ask(method: string, path: string, body?: unknown, asker: Asker = 'operator'): Promise<Answer> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-asker': asker, ...json },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  }

  return {
    url,
    redis,
    ask,
    /** Adds as the form does. */
    add: (name: string, data: unknown, options = {}, queue = 'default') =>
      ask('POST', `/api/queues/${queue}/add`, { name, data, options }),
    queue: (name = 'default') => queues.get(name) as TaskQueue,
    /** The id of the job that carries a task. */
    async jobOf(taskId: string): Promise<string> {
      const known = await redis.get(`${keyPrefix}:task:${taskId}`);
      return known?.split('|')[1] as string;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}

export type BoardServer = Awaited<ReturnType<typeof startBoard>>;
