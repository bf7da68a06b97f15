import { isJsonObject, type JsonObject } from '@taskwire/protocol';
import { z } from 'zod';
import type { ObjectSchema, TaskDefinition } from '../define-task.ts';
import { writtenJsonSchema } from '../json-schema-check.ts';
import { MASKED } from './marks.ts';
import { SecretMask } from './secret-mask.ts';

type Definition = Pick<TaskDefinition, 'parameters'>;

const NONE: readonly JsonObject[] = [];

/** The JSON Schemas that mark something, by the schema of the parameters; none for most. */
const marking = new WeakMap<ObjectSchema, readonly JsonObject[]>();

/** The parameters with a mark in place of each value that their schema calls secret. */
export function maskedParameters<T>(definition: Definition | undefined, parameters: T): T {
  const schemas = markingSchemas(definition);
  return schemas.length === 0 ? parameters : (walk(schemas, parameters, () => undefined) as T);
}

/** What masks the secrets among these parameters wherever they are repeated; undefined when there are none. */
export function maskOf(definition: Definition | undefined, parameters: unknown): SecretMask | undefined {
  const schemas = markingSchemas(definition);
  if (schemas.length === 0) return undefined;
  const secrets: unknown[] = [];
  walk(schemas, parameters, (secret) => secrets.push(secret));
  return secrets.length > 0 ? new SecretMask(secrets) : undefined;
}

function walk(schemas: readonly JsonObject[], parameters: unknown, found: (secret: unknown) => void): unknown {
  return schemas.reduce((value, root) => masked(value, [root], { root, found }), parameters);
}

function markingSchemas(definition: Definition | undefined): readonly JsonObject[] {
  if (!definition) return NONE;
  const { parameters } = definition;
  const known = marking.get(parameters);
  if (known) return known;
  const written = writtenJsonSchema(parameters);
  // A mark may be on either side of a transformation.
  const schemas = written
    ? [written]
    : (['input', 'output'] as const).map((io) => z.toJSONSchema(parameters, { io, unrepresentable: 'any' }));
  const found = (schemas as JsonObject[]).filter((schema) => JSON.stringify(schema).includes('"secret":true'));
  marking.set(parameters, found);
  return found;
}

interface Walk {
  /** What references start at. */
  root: JsonObject;
  found: (secret: unknown) => void;
}

/** What one of several alternatives calls secret is masked. */
function masked(value: unknown, schemas: readonly unknown[], context: Walk): unknown {
  const all = new Set<JsonObject>();
  for (const schema of schemas) addWithParts(all, schema, context.root);
  const applied = [...all];
  if (applied.some(({ secret }) => secret === true) && (value ?? undefined) !== undefined && value !== MASKED) {
    context.found(value);
    return MASKED;
  }
  if (Array.isArray(value)) return value.map((item, index) => masked(item, applied.map(ofItem(index)), context));
  if (!isJsonObject(value)) return value;
  const fields = Object.entries(value).map(([name, field]) => [
    name,
    masked(field, applied.flatMap(ofField(name)), context),
  ]);
  return Object.fromEntries(fields);
}

/** A schema, and the schemas in it that are about the same value. */
function addWithParts(all: Set<JsonObject>, schema: unknown, root: JsonObject): void {
  if (!isJsonObject(schema) || all.has(schema)) return;
  all.add(schema);
  const { anyOf, oneOf, allOf, dependentSchemas, $ref } = schema;
  const named = isJsonObject(dependentSchemas) ? Object.values(dependentSchemas) : [];
  const parts = [anyOf, oneOf, allOf, named, schema.if, schema.then, schema.else, referredTo($ref, root)].flat();
  for (const part of parts) addWithParts(all, part, root);
}

/** By a JSON pointer, as `#/$defs/name`. */
function referredTo(reference: unknown, root: JsonObject): unknown {
  if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined;
  const segments = decodeURIComponent(reference).split('/').slice(1);
  const names = segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.reduce((place: unknown, name) => (place as Record<string, unknown> | undefined)?.[name], root);
}

function ofItem(index: number): (schema: JsonObject) => unknown {
  return ({ prefixItems, items }) => (Array.isArray(prefixItems) ? prefixItems[index] : undefined) ?? items;
}

function ofField(name: string): (schema: JsonObject) => unknown[] {
  return ({ properties, patternProperties, additionalProperties, unevaluatedProperties }) => {
    const own = isJsonObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [];
    const patterns = isJsonObject(patternProperties) ? Object.entries(patternProperties) : [];
    const fitting = patterns.filter(([pattern]) => new RegExp(pattern, 'u').test(name)).map(([, schema]) => schema);
    const named = [...own, ...fitting];
    return named.length > 0 ? named : [additionalProperties ?? unevaluatedProperties];
  };
}
