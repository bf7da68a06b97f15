import type { Config } from '@taskwire/config';
import type { JsonObject } from '@taskwire/protocol';
import { parametersJsonSchema, type TaskRegistry, taskResultJsonSchema } from '@taskwire/tasks';
import { publishCommand } from './publish-command.ts';

/** A task type as the page shows it. */
export type CatalogueEntry = ReturnType<typeof taskCatalogue>[number];

export function taskCatalogue(registry: TaskRegistry, config: Config) {
  return registry.definitions.map((definition) => {
    const example = { task_type: definition.type, parameters: definition.example as JsonObject };
    return {
      type: definition.type,
      description: definition.description,
      queue: definition.queue,
      attempts: definition.attempts,
      timeout_ms: definition.timeoutMs,
      // JSON Schemas of the request's parameters and of the result.
      parameters: parametersJsonSchema(definition),
      result: taskResultJsonSchema(definition),
      // A request that works, and the command that publishes it.
      example,
      command: publishCommand(config.redis, example),
    };
  });
}
