import { referenceConnection } from './reference-instance.ts';
import { parse } from './syntax-tree.ts';

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
  ...['query_table', 'histogram', 'histogram_values', 'test_all_types', 'test_vector_types', 'sql_auto_complete'],
  // What there is
  ...['duckdb_columns', 'duckdb_functions', 'duckdb_keywords', 'duckdb_settings', 'duckdb_tables', 'duckdb_types'],
  ...['duckdb_views', 'icu_calendar_names', 'pg_timezone_names', 'duckdb_constraints', 'duckdb_indexes'],
  ...['duckdb_databases', 'duckdb_schemas', 'duckdb_sequences', 'pragma_collations'],
  ...['pragma_show', 'pragma_storage_info', 'pragma_table_info', 'pragma_version', 'pragma_database_size'],
  ...['pragma_metadata_info', 'pragma_platform', 'pragma_user_agent', 'duckdb_approx_database_count'],
  ...['duckdb_connection_count', 'duckdb_coordinate_systems', 'duckdb_dependencies', 'duckdb_extensions'],
  ...['duckdb_memory', 'duckdb_optimizers', 'duckdb_prepared_statements', 'duckdb_profiling_settings'],
  ...['duckdb_secret_types', 'duckdb_temporary_files', 'duckdb_variables'],
]);

/** The names of all functions of the engine's own that can stand in a FROM clause and may do more than read. */
let withEffects: Promise<ReadonlySet<string>> | undefined;

async function namesWithEffects(): Promise<ReadonlySet<string>> {
  const named = "select lower(function_name) from duckdb_functions() where function_type in ('table', 'table_macro')";
  const connection = await referenceConnection();
  const names = (await (await connection.run(named)).getRows()).flat().map(String);
  return new Set(names.filter((name) => !READING.has(name)));
}

/** Whether a call of such a function may have effects. Those of users have none: what makes them was searched for calls. */
export async function hasEffects(name: string): Promise<boolean> {
  withEffects ??= namesWithEffects();
  return (await withEffects).has(name.toLowerCase());
}

/** More places outside of strings and comments are not looked at. */
const MAX_PLACES = 20;
/** Begins nothing in SQL: only in a string or a comment it makes no difference. */
const NO_SQL = '\\';

/**
 * The first table function that a text calls and that may have effects. For statements without a syntax tree: where such a
 * name is followed by what may be a parenthesis, DuckDB's parser tells whether it is a call. Any character beyond ASCII may
 * be a blank.
 */
export async function effectIn(text: string): Promise<string | undefined> {
  withEffects ??= namesWithEffects();
  const names = [...(await withEffects)].join('|');
  const call = new RegExp(String.raw`(?:"(?:${names})"|(?<![\w$])(?:${names}))(?=[^!-~]*(?:\(|--|/\*))`, 'gi');
  const places = [...text.matchAll(call)];
  if (places.length === 0 || (await parses(text.replace(call, (name) => NO_SQL + name)))) return undefined;
  for (const [count, { 0: found, index }] of places.entries()) {
    const name = found.replaceAll('"', '');
    const [before, after] = [text.slice(0, index), text.slice(index + found.length)];
    // No call where a string could be written instead of the name, as in `create table query(a int)`.
    const isHarmless = (await parses(`${before}'${name}'${after}`)) || (await parses(before + NO_SQL + found + after));
    if (count >= MAX_PLACES || !isHarmless) return name;
  }
  return undefined;
}

async function parses(text: string): Promise<boolean> {
  return (await parse(text)).status !== 'error';
}
