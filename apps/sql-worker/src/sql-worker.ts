import { setTimeout as delay } from 'node:timers/promises';
import { queuesOf } from '@taskwire/config';
import { createTaskWorker } from '@taskwire/queue';
import type { Service, ServiceContext } from '@taskwire/service';
import { NamedQueries, SqlConnections } from '@taskwire/sql';
import { createRegistry } from '@taskwire/tasks';
import { ExpiringFiles } from './expiring-files.ts';
import { sqlHandlers } from './handlers/index.ts';

/** How long closing the connections may take: a missing database must not delay the stop. */
const CLOSE_TIMEOUT_MS = 3000;

/** The service that runs SQL tasks. */
export async function createSqlWorker(context: ServiceContext): Promise<Service> {
  const { config, logger, name } = context;
  const { tasks, sql, sql_worker, results } = config;
  const connections = new SqlConnections(config);
  const files = new ExpiringFiles({ directory: results.directory, ttlMs: results.ttl_seconds * 1000, logger });
  const registry = await createRegistry(tasks.folders);
  const worker = await createTaskWorker({
    ...context,
    registry,
    queues: queuesOf(name, registry.queues),
    handlers: sqlHandlers({ connections, queries: new NamedQueries(sql.queries_directory), results }),
    concurrency: sql_worker.concurrency,
  });
  return {
    ...worker,
    async start() {
      await worker.start();
      files.start();
    },
    async [Symbol.asyncDispose]() {
      files[Symbol.dispose]();
      await worker[Symbol.asyncDispose]();
      const closed = connections[Symbol.asyncDispose]();
      await Promise.race([closed, delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    },
  };
}
