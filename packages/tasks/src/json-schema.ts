import { isJsonObject } from '@taskwire/protocol';
import { z } from 'zod';
import type { TaskDefinition } from './define-task.ts';
import { writtenJsonSchema } from './json-schema-check.ts';

/** The parts of a JSON Schema that our programs read. */
export interface ParametersJsonSchema extends Record<string, unknown> {
  properties?: Record<string, { type?: string | string[]; anyOf?: { type?: string }[] }>;
}

/** What a task accepts, as a requester writes it: defaults may be missing. JSON Schema, draft 2020-12. */
export function parametersJsonSchema({ parameters }: TaskDefinition): ParametersJsonSchema {
  // What JSON Schema cannot express accepts anything there; zod still checks it.
  const schema = writtenJsonSchema(parameters) ?? z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' });
  return JSON.parse(JSON.stringify(schema), withStandardMark);
}

/** `writeOnly` is the standard's word for what is never given out. */
function withStandardMark(name: string, schema: unknown): unknown {
  const isMarked = isJsonObject(schema) && schema.secret === true && name !== 'properties';
  return isMarked ? { ...schema, writeOnly: true } : schema;
}

/** What a task returns. JSON Schema, draft 2020-12. */
export function taskResultJsonSchema({ result }: TaskDefinition): Record<string, unknown> {
  return writtenJsonSchema(result) ?? z.toJSONSchema(result, { unrepresentable: 'any' });
}
