import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

let opened: Promise<DuckDBConnection> | undefined;

/**
 * A connection to an empty DuckDB of our own, which is asked about a statement before that runs anywhere: a database file
 * may hold macros that stand in for the very functions that we ask. Nothing is ever changed in it; one for the process.
 */
export function referenceConnection(): Promise<DuckDBConnection> {
  opened ??= open();
  return opened;
}

async function open(): Promise<DuckDBConnection> {
  const settings = { enable_external_access: 'false', threads: '1', memory_limit: '256MB' };
  return (await DuckDBInstance.create(':memory:', settings)).connect();
}
