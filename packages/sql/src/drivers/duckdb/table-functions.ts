import { referenceConnection } from './reference-instance.ts';

/**
 * The table functions that a query may call: those that only read. A list of allowed ones, because some others have
 * effects even in a SELECT and with a locked configuration: `enable_logging` makes a
 * folder and writes into it, `enable_profiling` prints to standard output, `arrow_scan` reads raw memory, and `query` and
 * `json_execute_serialized_sql` run SQL that we have not seen.
 */
const READING = new Set([
  // Files; where they may be is the matter of `lock-down.ts`.
  ...['read_csv', 'read_csv_auto', 'sniff_csv', 'read_text', 'read_blob', 'glob'],
  ...['read_json', 'read_json_auto', 'read_json_objects', 'read_json_objects_auto'],
  ...['read_ndjson', 'read_ndjson_auto', 'read_ndjson_objects'],
  ...['read_parquet', 'parquet_scan', 'parquet_schema', 'parquet_metadata', 'parquet_file_metadata'],
  ...['parquet_full_metadata', 'parquet_kv_metadata', 'parquet_bloom_probe'],
  // Rows out of values
  ...['range', 'generate_series', 'unnest', 'repeat', 'repeat_row', 'json_each', 'json_tree', 'summary'],
  ...['query_table', 'histogram', 'histogram_values', 'test_all_types'],
  // What there is
  ...['duckdb_columns', 'duckdb_functions', 'duckdb_keywords', 'duckdb_settings', 'duckdb_tables', 'duckdb_types'],
  ...['duckdb_views', 'icu_calendar_names', 'pg_timezone_names'],
]);

export function isReadingFunction(name: string): boolean {
  return READING.has(name.toLowerCase());
}

/** The names of all functions that can stand in a FROM clause. */
let tableFunctions: Promise<readonly string[]> | undefined;

async function namesOfTableFunctions(): Promise<readonly string[]> {
  const named = "select distinct lower(function_name) from duckdb_functions() where function_type = 'table'";
  const connection = await referenceConnection();
  return (await (await connection.run(named)).getRows()).flat().map(String);
}

const SPACE = String.raw`(?:\s|--[^\n\r]*|/\*[\s\S]*?\*/)*`;

/**
 * The first table function in a text that may have effects. For statements without a syntax tree: it searches the text
 * itself, so one in a comment or a string counts too.
 */
export async function effectIn(text: string): Promise<string | undefined> {
  tableFunctions ??= namesOfTableFunctions();
  const names = (await tableFunctions).filter((name) => !isReadingFunction(name));
  const call = new RegExp(String.raw`(?<![\w$])"?(${names.join('|')})"?${SPACE}\(`, 'i');
  return call.exec(text)?.[1];
}
