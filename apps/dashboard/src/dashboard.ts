import { openConnection, openQueues, type Service, type ServiceContext } from '@taskwire/runtime';
import { createRegistry } from '@taskwire/tasks';
import fastify from 'fastify';
import { registerAccess } from './access/access.ts';
import { registerBoard } from './board/board.ts';
import { registerOverview } from './overview/overview.ts';

/** The service that shows what happens, to people and to Prometheus. */
export async function createDashboard(context: ServiceContext): Promise<Service> {
  const { config, logger } = context;
  const registry = await createRegistry(config.tasks.folders);
  const redis = openConnection(context, 'command');
  const queues = openQueues({ names: registry.queues, keyPrefix: config.redis.key_prefix, connection: redis, logger });
  const server = fastify({ trustProxy: config.dashboard.trust_proxy, forceCloseConnections: true });
  await registerAccess(server, { config: config.dashboard, keyPrefix: config.redis.key_prefix, redis, logger });
  await registerBoard(server, { ...context, registry, queues, redis });
  await registerOverview(server, { ...context, registry, queues, redis });

  return {
    async start() {
      const { host, port } = config.dashboard;
      logger.info(`open ${await server.listen({ host, port })}`);
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}
