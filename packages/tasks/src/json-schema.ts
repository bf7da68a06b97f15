import { z } from 'zod';
import type { TaskDefinition } from './define-task.ts';

/** What a JSON Schema says that programs of ours look at; it holds more. */
export interface ParametersJsonSchema extends Record<string, unknown> {
  properties?: Record<string, { type?: string | string[]; anyOf?: { type?: string }[] }>;
}

/** What a task accepts, as a requester writes it: defaults may be missing. JSON Schema, draft 2020-12. */
export function parametersJsonSchema({ parameters }: TaskDefinition): ParametersJsonSchema {
  // What JSON Schema cannot say accepts anything: zod checks it in any case.
  return z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' }) as ParametersJsonSchema;
}

/** What a task returns. JSON Schema, draft 2020-12. */
export function taskResultJsonSchema({ result }: TaskDefinition): Record<string, unknown> {
  return z.toJSONSchema(result, { unrepresentable: 'any' });
}
