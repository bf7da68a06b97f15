import { type JsonObject, type JsonValue, requestJsonSchema } from '@taskwire/protocol';
import { parametersJsonSchema, type TaskDefinition } from '@taskwire/tasks';

/**
 * What Bull Board's form accepts as the data of a job: a request, which may leave its task type to the name of the job.
 *
 * A condition for each task type, not one schema out of many: so the form says what is wrong with the parameters of this
 * type, and suggests their names.
 */
export function formSchema(definitions: readonly TaskDefinition[]): JsonObject {
  const { properties } = requestJsonSchema() as { properties: JsonObject };
  return {
    type: 'object',
    properties: {
      ...properties,
      task_type: { enum: definitions.map(({ type }) => type), description: descriptionOf(definitions) },
    },
    additionalProperties: false,
    allOf: definitions.map((definition, index) => ({
      if: { properties: { task_type: { const: definition.type } }, required: ['task_type'] },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema calls it so
      then: { properties: { parameters: parametersAt(`#/allOf/${index}/then/properties/parameters`, definition) } },
    })),
    examples: definitions.map(({ type, example }) => ({ task_type: type, parameters: example as JsonObject })),
  };
}

function descriptionOf(definitions: readonly TaskDefinition[]): string {
  return definitions.map(({ type, description }) => `${type}: ${description}`).join('\n\n');
}

/** @param place of the parameters in the whole schema: recursive schemas refer to themselves by it. */
function parametersAt(place: string, definition: TaskDefinition): JsonValue {
  const { $schema: _, ...schema } = parametersJsonSchema(definition) as JsonObject;
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace(/^#/, place) : value,
  );
}
