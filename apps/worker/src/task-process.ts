import { queuesOf } from '@taskwire/config';
import { runnableTasks, serveTasks } from '@taskwire/execution';
import { createRegistry } from '@taskwire/tasks';
import { handlers } from './handlers/index.ts';

serveTasks(async ({ tasks }) => {
  const registry = await createRegistry(tasks.folders);
  return runnableTasks({ registry, queues: queuesOf('worker', registry.queues), handlers });
});
