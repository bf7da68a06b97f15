import { fileURLToPath } from 'node:url';
import { queuesOf } from '@taskwire/config';
import { createTaskWorker } from '@taskwire/queue';
import type { Service, ServiceContext } from '@taskwire/service';
import { NamedQueries, SqlConnections } from '@taskwire/sql';
import { createRegistry } from '@taskwire/tasks';
import { closeConnections } from './close-connections.ts';
import { ExpiringFiles } from './expiring-files.ts';
import { sqlHandlers } from './handlers/index.ts';
import { connectionOf } from './handlers/sql-query.ts';

/** The service that runs SQL tasks. */
export async function createSqlWorker(context: ServiceContext): Promise<Service> {
  const { config, logger, name } = context;
  const { tasks, sql, sql_worker, results } = config;
  const connections = new SqlConnections(config);
  const files = new ExpiringFiles({ directory: results.directory, ttlMs: results.ttl_seconds * 1000, logger });
  const registry = await createRegistry(tasks.folders);
  const queries = new NamedQueries(sql.queries_directory);
  const worker = await createTaskWorker({
    ...context,
    registry,
    queues: queuesOf(name, registry.queues),
    handlers: sqlHandlers({ connections, queries, results }),
    concurrency: sql_worker.concurrency,
    taskProcess: fileURLToPath(import.meta.resolve('@taskwire/sql-worker/task-process')),
    // What is wrong with the request, its own process finds, too.
    makeRoom: async ({ task_type, parameters }) => {
      if (task_type !== 'sql_query') return undefined;
      const driver = connectionOf(parameters, queries).then((connection) => connections.driver(connection));
      return (await driver.catch(() => undefined))?.lend?.();
    },
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
      await closeConnections(connections);
    },
  };
}
