import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

let opened: Promise<DuckDBConnection> | undefined;

/**
 * A connection to an empty DuckDB of our own, which nobody else changes: a database file may hold macros that stand in for
 * the very functions that we ask about a statement. To be used for asking only; one for the process.
 */
export function pristineConnection(): Promise<DuckDBConnection> {
  opened ??= open();
  return opened;
}

async function open(): Promise<DuckDBConnection> {
  const settings = { enable_external_access: 'false', threads: '1', memory_limit: '256MB' };
  return (await DuckDBInstance.create(':memory:', settings)).connect();
}

let functions: Promise<ReadonlySet<string>> | undefined;

/** The names of all functions that can stand in a FROM clause. */
export function tableFunctions(): Promise<ReadonlySet<string>> {
  functions ??= pristineConnection().then(async (connection) => {
    const named = "select distinct lower(function_name) from duckdb_functions() where function_type = 'table'";
    return new Set((await (await connection.run(named)).getRows()).flat().map(String));
  });
  return functions;
}
