import type { Config } from '@taskwire/config';
import type { JsonObject } from '@taskwire/protocol';
import { parametersJsonSchema, type TaskRegistry, taskResultJsonSchema } from '@taskwire/tasks';
import { publishCommand } from './publish-command.ts';

/** A task type as the page shows it. */
export interface CatalogueEntry {
  type: string;
  description: string;
  queue: string;
  attempts: number;
  timeout_ms: number;
  /** JSON Schemas of what a request gives, and of what comes back. */
  parameters: Record<string, unknown>;
  result: Record<string, unknown>;
  /** A request that works, and the command that publishes it. */
  example: JsonObject;
  command: string;
}

export function taskCatalogue({ registry, config }: { registry: TaskRegistry; config: Config }): CatalogueEntry[] {
  return registry.definitions.map((definition) => {
    const example = { task_type: definition.type, parameters: definition.example as JsonObject };
    return {
      type: definition.type,
      description: definition.description,
      queue: definition.queue,
      attempts: definition.attempts,
      timeout_ms: definition.timeoutMs,
      parameters: parametersJsonSchema(definition),
      result: taskResultJsonSchema(definition),
      example,
      command: publishCommand(config.redis, example),
    };
  });
}
