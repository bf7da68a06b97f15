import { ConfigError } from '@taskwire/config';
import { History } from '@taskwire/history';
import { StatusReader } from '@taskwire/monitoring/status';
import { openQueues } from '@taskwire/queue';
import { openConnection, type Service, type ServiceContext } from '@taskwire/service';
import fastify from 'fastify';
import { registerAccess, trustedProxy } from './access/access.ts';
import { registerApi } from './api/api.ts';
import { badAddress, sendProblem } from './api/problem.ts';
import { registerBoard } from './board/board.ts';
import { registerHealth } from './health.ts';
import { registerOverview } from './overview/overview.ts';

const FIX = 'use another port (TASKWIRE_WEB_PORT) or another web.host, or set web.enabled to false';

/** The service that shows what happens, to people and to Prometheus. */
export async function createWebServer(context: ServiceContext): Promise<Service> {
  const { config, logger, registry } = context;
  const keyPrefix = config.redis.key_prefix;
  const redis = openConnection(context, 'client');
  const queues = await openQueues({ names: registry.queues, keyPrefix, connection: redis, logger });
  const reader = new StatusReader({ config, redis, queues: queues.values() });
  const history = new History({ context, redis });

  const server = fastify({
    trustProxy: trustedProxy(config.web),
    forceCloseConnections: true,
    // A task id may be so long, or 3 times that when a client escapes it.
    routerOptions: { maxParamLength: 3 * 128 },
    // An address that no route could have; nobody has been asked who they are.
    frameworkErrors: (error, _request, reply) => sendProblem(reply, badAddress(error)),
    // Slow clients are cut off: they have so long for the head of a request, and for all of it.
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1000 },
    requestTimeout: 30_000,
  });
  const { isStillWelcome } = await registerAccess(server, { config: config.web, keyPrefix, redis, logger });
  await registerBoard(server, { ...context, queues, redis });
  await registerOverview(server, { ...context, queues, redis, isStillWelcome, status: () => reader.read() });
  await registerApi(server, { ...context, queues, redis, history, isStillWelcome });
  registerHealth(server, { ...context, reader, redis });

  return {
    async start() {
      const { host, port } = config.web;
      const address = await server.listen({ host, port }).catch((error: Error) => {
        throw new ConfigError('environment or file', [{ path: 'web.port', message: error.message, fix: FIX }]);
      });
      logger.info(`open ${address}`);
      history.start();
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await history[Symbol.asyncDispose]();
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}
