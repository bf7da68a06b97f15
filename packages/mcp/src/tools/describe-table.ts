import { didYouMean, type JsonObject } from '@taskwire/protocol';
import { z } from 'zod';
import { say } from '../answers/answer.ts';
import { asData } from '../answers/data.ts';
import { sqlRowsOf } from '../answers/sql-rows.ts';
import { startOf } from '../answers/tokens.ts';
import { askForTask } from './ask-for-task.ts';
import { defineTool, GoesOn, READS, type Tool } from './tool.ts';

const name = z.string().min(1).max(300);

export const describeTable: Tool = defineTool({
  name: 'describe_table',
  description: 'The columns of a table and their types; without a table, the tables there are; on DuckDB also files.',
  input: z.strictObject({
    table: name
      .optional()
      .describe('Its name, also as schema.table; on DuckDB also a file of the data folder, as sales.csv'),
    connection: name.default('default'),
  }),
  annotations: READS,
  makesTask: true,
  forSql: true,
  async call({ table, connection }, context) {
    const begun = performance.now();
    const { driver = '', files = false } = context.connections.find((each) => each.name === connection) ?? {};
    const asked = (query: string, parameters: string[] = []) => ({ connection, query, parameters });
    const all = asked(tablesIn(driver, files));
    if (table === undefined) return askForTask('sql_query', all, context);
    const described = await askForTask('sql_query', asked(...columnsOf(driver, table)), context);
    if (described instanceof GoesOn || !described.isError) return described;
    // Both together answer within the time of one call.
    const wait_ms = Math.max(0, context.settings.wait_ms - (performance.now() - begun));
    const rest = { ...context, settings: { ...context.settings, wait_ms } };
    const near = await askForTask('sql_query', all, rest, (result) =>
      say(nearTo(table, sqlRowsOf(result)?.rows ?? [])),
    );
    const isKnown = !(near instanceof GoesOn || near.isError);
    return isKnown ? { ...described, content: [...described.content, ...near.content] } : described;
  },
});

/** The names that may be meant. */
function nearTo(table: string, rows: readonly JsonObject[]): string {
  const asked = [table, table.split('.').at(-1) as string];
  const near = rows.flatMap((row) => {
    const found = String(row.table_name ?? row.tableName);
    const schema = row.table_schema ?? row.namespace ?? row.database;
    const isNear = asked.some((word) => didYouMean(word, [found.toLowerCase()]) !== '');
    return isNear ? [schema ? `${schema}.${found}` : found] : [];
  });
  if (near.length === 0) return 'describe_table without a table lists those there are.';
  return `Perhaps you mean:\n${asData(startOf(near.slice(0, 10).join(', '), 200))}`;
}

function isSpark(driver: string): boolean {
  return driver === 'databricks' || driver === 'spark';
}

function tablesIn(driver: string, files: boolean): string {
  if (isSpark(driver)) return 'show tables';
  const tables = `select table_schema, table_name, table_type from information_schema.tables
    where table_schema not in ('information_schema', 'pg_catalog')`;
  if (!files) return `${tables} order by 1, 2`;
  return `${tables} union all select null, regexp_replace(file, '^\\./', ''), 'FILE' from glob('**')
    where regexp_matches(file, '${FILE.source}', 'i') order by 1, 2`;
}

/** What can be read by its name alone. */
const FILE = /\.(csv|tsv|parquet|json|ndjson|jsonl)(\.gz)?$/i;

/** A statement that fails if there is no such table. */
function columnsOf(driver: string, table: string): [query: string, parameters?: string[]] {
  if (driver === 'duckdb' && FILE.test(table)) return [columnsIn(`'${table.replaceAll("'", "''")}'`)];
  const quote = isSpark(driver) ? '`' : '"';
  const quoted = table.split('.').map((part) => quote + part.replaceAll(quote, quote + quote) + quote);
  const place = quoted.join('.');
  if (isSpark(driver)) return [`describe table ${place}`];
  if (driver === 'duckdb') return [columnsIn(place)];
  // By its exact name, or by one in any case, as statements find it.
  const query = `select attname as column_name, format_type(atttypid, atttypmod) as column_type, not attnotnull as nullable
    from pg_attribute where attrelid = coalesce(to_regclass(?), cast(cast(? as text) as regclass))
    and attnum > 0 and not attisdropped order by attnum`;
  return [query, [place, table]];
}

function columnsIn(place: string): string {
  return `select column_name, column_type, "null" as nullable from (describe select * from ${place})`;
}
