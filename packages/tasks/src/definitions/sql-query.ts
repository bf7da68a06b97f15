import { type JsonValue, jsonObjectSchema } from '@taskwire/protocol';
import { z } from 'zod';
import { defineTask } from '../define-task.ts';

const jsonValueSchema = z.unknown().pipe(z.custom<JsonValue>());

/** How a file can hold rows. */
export const RESULT_FORMATS = ['json', 'ndjson', 'csv', 'parquet'] as const;

const formatSchema = z.enum(RESULT_FORMATS);

const nameSchema = z.string().min(1, 'must not be empty').optional();

const fileSchema = z.strictObject({
  path: z.string().describe('Absolute, on the machine of the worker'),
  format: formatSchema,
  rows: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[\da-f]{64}$/),
});

export const sqlQuery = defineTask({
  type: 'sql_query',
  description: 'Runs one SQL statement on a configured connection and returns its rows, or a file of them.',
  queue: 'sql',
  mcp: true,
  // A query may be long and expensive: the requester decides whether to run it again.
  attempts: 1,
  timeoutMs: 12 * 60 * 60 * 1000,
  parameters: z
    .strictObject({
      query: z
        .string()
        .trim()
        .min(1, 'must not be empty')
        .optional()
        .describe('One SQL statement; this or query_name is required'),
      query_name: nameSchema.describe('Name of a query in sql.queries_directory, instead of a statement'),
      connection: nameSchema.describe("Name in sql.connections; default: the named query's own, or `default`"),
      catalog: nameSchema.describe('Where names without a catalog are looked up; default: as the connection says'),
      schema: nameSchema.describe('Where names without a schema are looked up; default: as the connection says'),
      parameters: z
        .union([z.array(jsonValueSchema), jsonObjectSchema], {
          error: 'must be a list (for ?) or an object (for $name)',
        })
        .default(() => [])
        .describe('Values for the placeholders of the statement: a list for ?, an object for $name'),
      max_rows: z
        .int()
        .min(0)
        .optional()
        .describe('At most so many rows; default 1000, and with `format` as many as the connection allows'),
      max_bytes: z.int().min(1).optional().describe('A larger file is the error result_too_large'),
      format: formatSchema
        .optional()
        .describe('Write the rows to a file; else they go to one (ndjson) only when they are large'),
    })
    .superRefine(({ query, query_name }, context) => {
      if ((query === undefined) !== (query_name === undefined)) return;
      const message = query === undefined ? 'is missing' : 'cannot be combined with query_name';
      context.addIssue({ code: 'custom', path: ['query'], message });
    }),
  result: z.strictObject({
    columns: z
      .array(z.strictObject({ name: z.string(), type: z.string() }))
      .describe("In order, with the engine's types"),
    rows: z.array(jsonObjectSchema).describe('All rows, or the first ones when there is a file'),
    row_count: z.int().describe('Number of all rows, in the message or the file'),
    truncated: z.boolean().describe('Whether there were more rows than max_rows'),
    affected_rows: z.int().optional().describe('Rows that the statement has changed'),
    file: fileSchema
      .optional()
      .describe('Where the rows are, when they are not all in `rows`, or were asked for in a file'),
  }),
  example: { query: "select region, sum(quantity) as quantity from 'sales.csv' group by region order by region" },
});
