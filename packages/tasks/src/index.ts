export { type CatalogueEntry, catalogueOf } from './catalogue.ts';
export { checkpoint, type KeepCheckpoint, keepingCheckpoints } from './checkpoint.ts';
export { defineTask, type TaskDefinition, TaskDefinitionError, type TaskOptions } from './define-task.ts';
export { lightTasks, sqlTasks } from './definitions/index.ts';
export { RESULT_FORMATS } from './definitions/sql-query.ts';
export { HandOver } from './hand-over.ts';
export type { HandlerOf, HandlersOf, TaskContext, TaskHandler } from './handler.ts';
export { type ParametersJsonSchema, parametersJsonSchema, taskResultJsonSchema } from './json-schema.ts';
export { TaskFolderError } from './load-folder.ts';
export { createRegistry, TaskRegistry } from './registry.ts';
export {
  InvalidParameterError,
  LimitError,
  MayStillRunError,
  PermanentError,
  type PermanentErrorOptions,
} from './task-failure.ts';
