import type { Program, TaskDefinition, TaskHandler, TaskRegistry } from '@taskwire/tasks';
import { findProgram } from './find-program.ts';

export interface RunnableTask {
  definition: TaskDefinition;
  /** A program runs in processes of its own. */
  handler: TaskHandler | Program;
}

/** Task types have no handler in the worker of their queue. */
export class MissingHandlerError extends Error {
  readonly code = 'missing_handler';

  constructor(types: readonly string[]) {
    super(`There is no handler for ${types.join(', ')} in the worker of its queue`);
    this.name = 'MissingHandlerError';
  }
}

export interface RunnableTasksOptions {
  registry: TaskRegistry;
  queues: readonly string[];
  /** The handlers of built-in tasks, by type; those of tasks from folders are in the registry. */
  handlers: Readonly<Record<string, TaskHandler>>;
}

/**
 * The tasks on some queues with their handlers, by type.
 *
 * @throws MissingHandlerError when one has none, TaskFolderError when its program is not there: found at start, not when the first such task arrives.
 */
export function runnableTasks({ registry, queues, handlers }: RunnableTasksOptions): ReadonlyMap<string, RunnableTask> {
  const builtIn = new Map(Object.entries(handlers));
  const tasks = new Map<string, RunnableTask>();
  const orphans: string[] = [];
  for (const definition of registry.definitions) {
    if (!queues.includes(definition.queue)) continue;
    const handler = builtIn.get(definition.type) ?? registry.folderHandlers.get(definition.type);
    if (typeof handler === 'object') tasks.set(definition.type, { definition, handler: findProgram(handler) });
    else if (handler) tasks.set(definition.type, { definition, handler });
    else orphans.push(definition.type);
  }
  if (orphans.length > 0) throw new MissingHandlerError(orphans);
  return tasks;
}
