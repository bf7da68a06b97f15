import { fileURLToPath } from 'node:url';
import { queuesOf } from '@taskwire/config';
import { createTaskWorker } from '@taskwire/queue';
import type { Service, ServiceContext } from '@taskwire/service';
import { createRegistry } from '@taskwire/tasks';
import { handlers } from './handlers/index.ts';

/** The service that runs all tasks except SQL. */
export async function createWorker(context: ServiceContext): Promise<Service> {
  const registry = await createRegistry(context.config.tasks.folders);
  const queues = queuesOf(context.name, registry.queues);
  const { concurrency } = context.config.worker;
  const taskProcess = fileURLToPath(import.meta.resolve('@taskwire/worker/task-process'));
  return createTaskWorker({ ...context, registry, queues, handlers, concurrency, taskProcess });
}
