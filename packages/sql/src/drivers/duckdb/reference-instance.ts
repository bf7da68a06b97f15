import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

let opened: Promise<DuckDBConnection> | undefined;

/**
 * A connection to an empty DuckDB of our own, for questions about a statement before it runs: a database file may hold
 * macros that replace the functions that we use for them. Nothing is ever changed in it; the process has one.
 */
export function referenceConnection(): Promise<DuckDBConnection> {
  opened ??= open();
  return opened;
}

async function open(): Promise<DuckDBConnection> {
  const settings = {
    ...{ enable_external_access: 'false', threads: '1', memory_limit: '256MB' },
    // Otherwise it cannot show the syntax tree of newer types, such as `enum('a', 'b')[]`.
    storage_compatibility_version: 'latest',
  };
  return (await DuckDBInstance.create(':memory:', settings)).connect();
}
