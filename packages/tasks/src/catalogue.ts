import type { JsonObject } from '@taskwire/protocol';
import { parametersJsonSchema, taskResultJsonSchema } from './json-schema.ts';
import type { TaskRegistry } from './registry.ts';

/** A task type, for programs and pages that ask for tasks. */
export interface CatalogueEntry {
  type: string;
  description: string;
  queue: string;
  attempts: number;
  timeout_ms: number;
  /** Whether AI assistants get it as a tool; `reads_only`: as one that changes nothing. */
  mcp: boolean | 'reads_only';
  /** JSON Schemas of the request's parameters and of the result. */
  parameters: Record<string, unknown>;
  result: Record<string, unknown>;
  /** A request that works. */
  example: { task_type: string; parameters: JsonObject };
}

/** All task types, in alphabetical order. */
export function catalogueOf(registry: TaskRegistry): CatalogueEntry[] {
  return registry.definitions.map((definition) => ({
    type: definition.type,
    description: definition.description,
    queue: definition.queue,
    attempts: definition.attempts,
    timeout_ms: definition.timeoutMs,
    mcp: definition.mcp,
    parameters: parametersJsonSchema(definition),
    result: taskResultJsonSchema(definition),
    example: { task_type: definition.type, parameters: definition.example as JsonObject },
  }));
}
