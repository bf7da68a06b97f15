import { type JsonValue, jsonObjectSchema } from '@taskwire/protocol';
import { z } from 'zod';
import { defineTask } from '../define-task.ts';

const jsonValueSchema = z.unknown().pipe(z.custom<JsonValue>());

export const sqlQuery = defineTask({
  type: 'sql_query',
  description: 'Runs one reading SQL statement on a configured connection and returns its rows.',
  queue: 'sql',
  // A query that failed half-way may be long and dear: whoever asked decides whether to ask again.
  attempts: 1,
  timeoutMs: 15 * 60 * 1000,
  parameters: z.strictObject({
    query: z.string().trim().min(1, 'must not be empty').describe('One SQL statement'),
    connection: z.string().min(1).default('default').describe('Name of a connection in sql.connections'),
    parameters: z
      .union([z.array(jsonValueSchema), jsonObjectSchema], { error: 'must be a list (for ?) or an object (for $name)' })
      .default(() => [])
      .describe('Values for the placeholders of the statement: a list for ?, an object for $name'),
    max_rows: z.int().min(0).max(1_000_000).default(1000).describe('At most so many rows are returned'),
  }),
  result: z.strictObject({
    columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    rows: z.array(jsonObjectSchema),
    row_count: z.int().describe('Number of rows returned'),
    truncated: z.boolean().describe('Whether there were more rows than max_rows'),
  }),
  example: { query: "select region, sum(quantity) as quantity from 'sales.csv' group by region order by region" },
});
