import { createRequire } from 'node:module';
import type { JsonObject } from '@taskwire/protocol';
import type { Ajv2020, ErrorObject } from 'ajv/dist/2020.js';
import { z } from 'zod';
import type { ObjectSchema } from './define-task.ts';

/** The JSON Schemas of which zod schemas were made: they are shown as they were written. */
const written = new WeakMap<ObjectSchema, JsonObject>();

/** The JSON Schema of which a schema was made; undefined when it was written with zod. */
export function writtenJsonSchema(schema: ObjectSchema): JsonObject | undefined {
  return written.get(schema);
}

/**
 * A schema that checks as a JSON Schema (draft 2020-12) says, and fills its defaults in. Formats are not checked, as the draft has it.
 *
 * @throws what is wrong with the JSON Schema.
 */
export function zodFromJsonSchema(jsonSchema: JsonObject): ObjectSchema {
  // Loaded when there is such a schema: 90 files.
  const { Ajv2020: JsonSchemas } = createRequire(import.meta.url)('ajv/dist/2020.js') as { Ajv2020: typeof Ajv2020 };
  // Each has an instance of its own: two may have the same `$id`.
  const ajv = new JsonSchemas({
    strict: false,
    allErrors: true,
    validateFormats: false,
    useDefaults: true,
    logger: false,
  });
  const check = ajv.compile(jsonSchema);
  const schema = z.looseObject({}).transform((given, context) => {
    // Filling in defaults must not change the request.
    const value = structuredClone(given);
    if (check(value)) return value;
    for (const error of check.errors ?? []) context.addIssue(issueOf(error));
    return z.NEVER;
  });
  written.set(schema, jsonSchema);
  return schema;
}

type Issue = { path: (string | number)[] } & (
  | { code: 'custom'; message: string }
  | { code: 'unrecognized_keys'; keys: string[] }
);

function issueOf({ instancePath, keyword, params, message = 'is invalid' }: ErrorObject): Issue {
  const path = instancePath.split('/').slice(1).map(segmentOf);
  switch (keyword) {
    case 'required':
      return { code: 'custom', path: [...path, params.missingProperty], message: 'is required' };
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const keys = [params.additionalProperty ?? params.unevaluatedProperty];
      return { code: 'unrecognized_keys', path, keys };
    }
    case 'enum':
      return { code: 'custom', path, message: `must be one of ${params.allowedValues.join(', ')}` };
    default:
      return { code: 'custom', path, message };
  }
}

/** Of a JSON pointer. */
function segmentOf(text: string): string | number {
  return /^\d+$/.test(text) ? Number(text) : text.replaceAll('~1', '/').replaceAll('~0', '~');
}
