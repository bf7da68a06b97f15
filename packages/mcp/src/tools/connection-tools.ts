import { z } from 'zod';
import { say } from '../answers/answer.ts';
import { askForTask } from './ask-for-task.ts';
import { defineTool, READS, type Tool } from './tool.ts';

const name = z.string().min(1).max(300);

const listConnections = defineTool({
  name: 'list_connections',
  description: 'The SQL connections that sql_query and describe_table may use.',
  input: z.strictObject({}),
  annotations: READS,
  async call(_given, { connections }) {
    const lines = connections.map(({ name, driver, read_only, queries }) => {
      const takes = queries === 'named' ? 'only named queries (query_name)' : 'any statement';
      return `${name}: ${driver}, ${read_only ? 'read-only' : 'may write'}, takes ${takes}`;
    });
    return say(lines.join('\n') || 'None: the setting mcp.connections names none, and no connection is read_only.');
  },
});

const describeTable = defineTool({
  name: 'describe_table',
  description: 'The columns of a table and their types; without a table, the tables there are.',
  input: z.strictObject({
    table: name
      .optional()
      .describe('Its name, also as schema.table; on DuckDB also a file of the data folder, as sales.csv'),
    connection: name.default('default'),
  }),
  annotations: READS,
  makesTask: true,
  async call({ table, connection }, context) {
    const driver = context.connections.find((each) => each.name === connection)?.driver ?? '';
    const statement = isSpark(driver) ? sparkStatement(table) : standardStatement(driver, table);
    return askForTask('sql_query', { connection, max_rows: 1000, ...statement }, context);
  },
});

function isSpark(driver: string): boolean {
  return driver === 'databricks' || driver === 'spark';
}

function sparkStatement(table: string | undefined) {
  if (table === undefined) return { query: 'show tables' };
  const quoted = table.split('.').map((part) => `\`${part.replaceAll('`', '``')}\``);
  return { query: `describe table ${quoted.join('.')}` };
}

function standardStatement(driver: string, table: string | undefined) {
  if (table === undefined) {
    const query = `select table_schema, table_name, table_type from information_schema.tables
      where table_schema not in ('information_schema', 'pg_catalog') order by 1, 2`;
    return { query };
  }
  if (driver === 'duckdb' && /\.(csv|tsv|parquet|json|ndjson|jsonl)(\.gz)?$/i.test(table)) {
    const query = `select column_name, column_type from (describe select * from '${table.replaceAll("'", "''")}')`;
    return { query };
  }
  const parts = table.split('.');
  // Statements find a table by its name in any case, nearly always.
  const query = `select table_schema, table_name, column_name, data_type, is_nullable from information_schema.columns
    where lower(table_name) = lower(?) and (? = '' or lower(table_schema) = lower(?)) order by 1, 2, ordinal_position`;
  const schema = parts.at(-2) ?? '';
  return { query, parameters: [parts.at(-1) as string, schema, schema] };
}

export const connectionTools: readonly Tool[] = [listConnections, describeTable];
