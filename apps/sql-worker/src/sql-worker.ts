import { fileURLToPath } from 'node:url';
import { queuesOf } from '@taskwire/config';
import { createTaskWorker } from '@taskwire/queue/worker';
import type { Service, ServiceContext } from '@taskwire/service';
import { NamedQueries, removeFoldersOf, SqlConnections } from '@taskwire/sql';
import { closeConnections } from './close-connections.ts';
import { startExpiring } from './expiring-files.ts';
import { sqlHandlers } from './handlers/index.ts';
import { sqlLanes } from './sql-lanes.ts';
import { UnusableConnections } from './unusable-connections.ts';

/** The service that runs SQL tasks. */
export async function createSqlWorker(context: ServiceContext): Promise<Service> {
  const { config, logger, name, registry } = context;
  const { sql, sql_worker, results } = config;
  const connections = new SqlConnections(config);
  let endExpiring: (() => void) | undefined;
  const unusable = new UnusableConnections();
  const queries = new NamedQueries(sql.queries_directory);
  const worker = await createTaskWorker({
    ...context,
    queues: queuesOf(name, registry.queues),
    handlers: sqlHandlers({ connections, queries, results, unusable }),
    concurrency: sql_worker.concurrency,
    taskProcess: fileURLToPath(import.meta.resolve('@taskwire/sql-worker/task-process')),
    laneOf: sqlLanes(config, queries),
    cleanUp: (pid) => removeFoldersOf(pid, results.directory),
  });
  return {
    ...worker,
    vitals: () => ({ provenAt: null, lagMs: null, ...worker.vitals?.(), unusable: unusable.told }),
    async start() {
      await worker.start();
      const ttlMs = results.ttl_seconds * 1000;
      endExpiring = startExpiring({ directory: results.directory, ttlMs, logger });
    },
    async [Symbol.asyncDispose]() {
      endExpiring?.();
      await worker[Symbol.asyncDispose]();
      await closeConnections(connections);
    },
  };
}
