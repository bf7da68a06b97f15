import type { SqlDriver } from './driver.ts';
import type { DuckDbOptions } from './drivers/duckdb/options.ts';

/** A named SQL database of the configuration. Later engines join this union, told apart by `driver`. */
export type SqlConnection = { readonly driver: 'duckdb' } & DuckDbOptions;

/**
 * Opens the driver of a connection. A driver's library is loaded only here, so that a process pays (in start-up time and
 * memory) for the engines that it uses. Nothing is connected yet: that happens with the first query.
 */
export async function openDriver(connection: SqlConnection): Promise<SqlDriver> {
  switch (connection.driver) {
    case 'duckdb': {
      const { createDuckDbDriver } = await import('./drivers/duckdb.ts');
      return createDuckDbDriver(connection);
    }
  }
}
