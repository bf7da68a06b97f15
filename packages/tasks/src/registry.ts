import { didYouMean } from '@taskwire/protocol';
import type { TaskDefinition } from './define-task.ts';
import { lightTasks, sqlTasks } from './definitions/index.ts';
import type { TaskHandler } from './handler.ts';
import { type FolderTask, loadFolder, TaskFolderError } from './load-folder.ts';
import type { Program } from './program.ts';

/** All task types that this installation knows: those of taskwire and those of the configured folders. */
export class TaskRegistry {
  readonly #definitions = new Map<string, TaskDefinition>();
  readonly #folderHandlers = new Map<string, TaskHandler | Program>();

  constructor(folderTasks: readonly FolderTask[] = []) {
    for (const definition of [...lightTasks, ...sqlTasks]) this.#definitions.set(definition.type, definition);
    const files = new Map<string, string>();
    for (const { file, definition, handler } of folderTasks) {
      if (this.#definitions.has(definition.type)) {
        const where = files.get(definition.type) ?? 'taskwire itself';
        throw new TaskFolderError(
          file,
          `there is already a task of the type "${definition.type}" in ${where}: rename one`,
        );
      }
      files.set(definition.type, file);
      this.#definitions.set(definition.type, definition);
      this.#folderHandlers.set(definition.type, handler);
    }
  }

  get(type: string): TaskDefinition | undefined {
    return this.#definitions.get(type);
  }

  /** The definitions, by type in alphabetical order. */
  get definitions(): TaskDefinition[] {
    return [...this.#definitions.values()].sort((a, b) => a.type.localeCompare(b.type));
  }

  /** Every queue that some task uses. */
  get queues(): string[] {
    return [...new Set(this.definitions.map(({ queue }) => queue))];
  }

  /** The types on some queues, by queue. */
  typesByQueue(queues: readonly string[]): Record<string, string[]> {
    const typesOn = (name: string) => this.definitions.filter(({ queue }) => queue === name).map(({ type }) => type);
    return Object.fromEntries(queues.map((queue) => [queue, typesOn(queue)]));
  }

  /** The handlers that came with definitions from folders. */
  get folderHandlers(): ReadonlyMap<string, TaskHandler | Program> {
    return this.#folderHandlers;
  }

  /** A sentence for a request with an unknown task type. */
  explainUnknown(type: string): string {
    const types = this.definitions.map((definition) => definition.type);
    return `There is no task type ${JSON.stringify(type)}${didYouMean(type, types) || `; there are: ${types.join(', ')}. A new task file counts after a restart, or with --watch`}`;
  }
}

/**
 * The registry of a configuration.
 *
 * @param folders absolute paths of folders with task files.
 * @throws TaskFolderError
 */
export async function createRegistry(folders: readonly string[]): Promise<TaskRegistry> {
  const loaded = await Promise.all(folders.map(loadFolder));
  return new TaskRegistry(loaded.flat());
}
