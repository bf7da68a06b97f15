import { queuesOf } from '@taskwire/config';
import { runnableTasks, serveTasks } from '@taskwire/execution';
import { NamedQueries, SqlConnections } from '@taskwire/sql';
import { createRegistry, type TaskHandler } from '@taskwire/tasks';
import { closeConnections } from './close-connections.ts';
import { sqlQueryOn } from './handlers/sql-query.ts';

serveTasks(async (config) => {
  const { tasks, sql, results } = config;
  const registry = await createRegistry(tasks.folders);
  const queries = new NamedQueries(sql.queries_directory);
  // Each task has its own connections: a database file must not stay open in this process.
  const sql_query: TaskHandler = async (context) => {
    const connections = new SqlConnections(config);
    try {
      return await sqlQueryOn({ connections, queries, results })(context);
    } finally {
      await closeConnections(connections);
    }
  };
  return runnableTasks({ registry, queues: queuesOf('sql-worker', registry.queues), handlers: { sql_query } });
});
