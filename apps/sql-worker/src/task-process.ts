import { queuesOf } from '@taskwire/config';
import { runnableTasks, serveTasks } from '@taskwire/execution';
import { NamedQueries, SqlConnections } from '@taskwire/sql';
import { createRegistry } from '@taskwire/tasks';
import { closeConnections } from './close-connections.ts';
import { sqlHandlers } from './handlers/index.ts';

let connections: SqlConnections | undefined;

serveTasks(
  async (config) => {
    const { tasks, sql, results } = config;
    const registry = await createRegistry(tasks.folders);
    const queries = new NamedQueries(sql.queries_directory);
    connections = new SqlConnections(config);
    const handlers = sqlHandlers({ connections, queries, results });
    return runnableTasks({ registry, queues: queuesOf('sql-worker', registry.queues), handlers });
  },
  async () => {
    if (connections) await closeConnections(connections);
  },
);
