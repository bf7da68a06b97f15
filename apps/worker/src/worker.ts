import { fileURLToPath } from 'node:url';
import { queuesOf } from '@taskwire/config';
import { createTaskWorker } from '@taskwire/queue/worker';
import type { Service, ServiceContext } from '@taskwire/service';
import { handlers } from './handlers/index.ts';

/** The service that runs all tasks except SQL. */
export function createWorker(context: ServiceContext): Promise<Service> {
  const queues = queuesOf(context.name, context.registry.queues);
  const { concurrency } = context.config.worker;
  const taskProcess = fileURLToPath(import.meta.resolve('@taskwire/worker/task-process'));
  return createTaskWorker({ ...context, queues, handlers, concurrency, taskProcess });
}
