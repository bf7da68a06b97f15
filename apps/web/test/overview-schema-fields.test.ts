import { createRegistry, parametersJsonSchema } from '@taskwire/tasks';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { pageModule } from './overview-page-module.ts';

const { fieldsOf, typeOf } = await pageModule('overview/schema-fields');

test('says of every parameter of our own tasks what it is', async () => {
  const { definitions } = await createRegistry([]);
  const fields = definitions.map((definition) => [definition.type, fieldsOf(parametersJsonSchema(definition))]);
  expect(Object.fromEntries(fields)).toMatchObject({
    generate_random_number: [
      { name: 'min_value', type: 'integer', required: false, fallback: '1' },
      { name: 'max_value', type: 'integer', required: false, fallback: '100' },
    ],
    reverse_string: [{ name: 'text', type: 'string', required: true, fallback: '' }],
    sql_query: [
      { name: 'query', type: 'string', required: false, description: expect.stringContaining('One SQL statement') },
      { name: 'query_name', type: 'string', required: false },
      { name: 'connection', type: 'string', fallback: '' },
      { name: 'catalog', type: 'string', fallback: '' },
      { name: 'schema', type: 'string', fallback: '' },
      { name: 'parameters', type: 'array or object', fallback: '[]' },
      { name: 'max_rows', type: 'integer, at least 0' },
      { name: 'max_bytes', type: 'integer, at least 1' },
      { name: 'format', type: '"json" or "ndjson" or "csv" or "parquet"' },
    ],
  });
});

test.each([
  [z.int().min(1), 'integer, at least 1'],
  [z.number().max(9), 'number, at most 9'],
  [z.string().max(20), 'string, at most 20 characters'],
  [z.string().min(3).max(20), 'string, 3 to 20 characters'],
  [z.enum(['a', 'b']), '"a" or "b"'],
  [z.literal(5), '5'],
  [z.string().nullable(), 'string or null'],
  [z.array(z.int()), 'array of integer'],
  [z.array(z.any()), 'array'],
  [z.any(), 'any'],
])('puts a type into words: case %#', (schema, words) => {
  expect(typeOf(z.toJSONSchema(schema))).toBe(words);
});

test('lists the fields of all alternatives, each once', () => {
  const schema = z.union([z.strictObject({ id: z.int() }), z.strictObject({ id: z.int(), name: z.string() })]);
  expect(fieldsOf(z.toJSONSchema(schema)).map(({ name }: { name: string }) => name)).toEqual(['id', 'name']);
});
