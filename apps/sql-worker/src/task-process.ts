import { queuesOf } from '@taskwire/config';
import { runnableTasks, serveTasks } from '@taskwire/execution';
import { NamedQueries, SqlConnections } from '@taskwire/sql';
import { createRegistry } from '@taskwire/tasks';
import { closeConnections } from './close-connections.ts';
import { sqlHandlers } from './handlers/index.ts';

/** The process runs statements of one connection, one at a time. */
function enter(folder: string): void {
  try {
    process.chdir(folder);
  } catch {
    // Statements without files need none, and what is elsewhere cannot be read.
  }
}

let connections: SqlConnections | undefined;

serveTasks(
  async (config) => {
    const { tasks, sql, results } = config;
    const registry = await createRegistry(tasks.folders);
    const queries = new NamedQueries(sql.queries_directory);
    connections = new SqlConnections(config);
    const handlers = sqlHandlers({ connections, queries, results, enter });
    return runnableTasks({ registry, queues: queuesOf('sql-worker', registry.queues), handlers });
  },
  async () => {
    if (connections) await closeConnections(connections);
  },
);
