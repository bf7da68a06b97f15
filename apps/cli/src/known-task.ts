import { loadConfig } from '@taskwire/config';
import { createRegistry, type TaskDefinition } from '@taskwire/tasks';
import { UsageError } from './command-error.ts';

/** The definition of a task type. @throws UsageError that lists the types if there is none. */
export async function knownTask(type: string): Promise<TaskDefinition> {
  const registry = await createRegistry(loadConfig().tasks.folders);
  const definition = registry.get(type);
  if (!definition) throw new UsageError(registry.explainUnknown(type));
  return definition;
}
