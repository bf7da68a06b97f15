import { queuesOf } from '@taskwire/config';
import { createTaskWorker } from '@taskwire/queue';
import { runService } from '@taskwire/service';
import { createRegistry } from '@taskwire/tasks';
import { handlers } from './handlers/index.ts';

await runService('worker', async (context) => {
  const registry = await createRegistry(context.config.tasks.folders);
  const queues = queuesOf(context.name, registry.queues);
  return createTaskWorker({ ...context, registry, queues, handlers, concurrency: context.config.worker.concurrency });
});
