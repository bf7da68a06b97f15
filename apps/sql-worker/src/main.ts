import { createTaskWorker, runService } from '@taskwire/runtime';
import { createRegistry } from '@taskwire/tasks';
import { SqlConnections } from './connections.ts';
import { handlersOn } from './handlers/index.ts';

await runService('sql-worker', async (context) => {
  const { tasks, sql, sql_worker } = context.config;
  const registry = await createRegistry(tasks.folders);
  const handlers = handlersOn(new SqlConnections(sql.connections, sql_worker.concurrency));
  return createTaskWorker({ ...context, registry, queues: ['sql'], handlers, concurrency: sql_worker.concurrency });
});
