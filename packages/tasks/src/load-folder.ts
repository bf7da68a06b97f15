import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TaskDefinition } from './define-task.ts';
import type { TaskHandler } from './handler.ts';
import { parametersJsonSchema, taskResultJsonSchema } from './json-schema.ts';
import { faultOf } from './load-fault.ts';
import { loadTaskJson } from './load-task-json.ts';
import type { Program } from './program.ts';
import { prepareForTaskFiles } from './task-file-hooks.ts';

/** A task from a user's folder: definition and handler from one file. */
export interface FolderTask {
  file: string;
  definition: TaskDefinition;
  handler: TaskHandler | Program;
}

/** A file or folder of tasks that cannot be used. */
export class TaskFolderError extends Error {
  readonly code = 'invalid_task_folder';

  constructor(where: string, why: string, options?: ErrorOptions) {
    super(`Tasks cannot be loaded from ${where}: ${why}`, options);
    this.name = 'TaskFolderError';
  }
}

const TASK_JSON = '.task.json';
const TASK_FILE = /(?<!\.test|\.d)\.[cm]?[jt]s$|\.task\.json$/;

/** Whether a file of this name is a task, if it is in a folder of tasks. */
export function isTaskFile(name: string): boolean {
  return TASK_FILE.test(name);
}

/**
 * Loads the tasks of a folder: each .ts or .js file in it exports `task` (from `defineTask`) and `handler`, as a module or by
 * `module.exports`; so do .mts, .cts, .mjs and .cjs. A .task.json file names a program. Files that end in .test.ts or the like and
 * subfolders are skipped.
 *
 * @throws TaskFolderError that names the file and what is missing.
 */
export async function loadFolder(folder: string): Promise<FolderTask[]> {
  let names: string[];
  try {
    names = readdirSync(folder).filter(isTaskFile);
  } catch (error) {
    throw new TaskFolderError(folder, `${(error as Error).message} (tasks.folders in the configuration)`);
  }
  prepareForTaskFiles();
  return Promise.all(names.sort().map((name) => loadFile(join(folder, name))));
}

async function loadFile(file: string): Promise<FolderTask> {
  let exports: Record<string, unknown>;
  try {
    if (file.endsWith(TASK_JSON)) return { file, ...loadTaskJson(file) };
    exports = await import(pathToFileURL(file).href);
  } catch (error) {
    throw new TaskFolderError(file, faultOf(error, file), { cause: error });
  }
  // As a whole: of what is in module.exports, Node finds only some names.
  const whole = exports.default as Record<string, unknown> | null | undefined;
  const { task, handler } = whole?.task === undefined ? exports : whole;
  if (!isDefinition(task)) throw new TaskFolderError(file, 'it must export `task`, made by defineTask()');
  if (typeof handler !== 'function') throw new TaskFolderError(file, 'it must export `handler`, a function');
  try {
    // What shows them would fail later, and name no file.
    parametersJsonSchema(task);
    taskResultJsonSchema(task);
  } catch (error) {
    throw new TaskFolderError(file, `its schemas cannot be JSON Schemas: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return { file, definition: task, handler: handler as TaskHandler };
}

function isDefinition(value: unknown): value is TaskDefinition {
  return (
    typeof value === 'object' && value !== null && 'type' in value && 'parameters' in value && Object.isFrozen(value)
  );
}
