import type { SqlDriver } from './driver.ts';
import type { DuckDbOptions } from './drivers/duckdb/options.ts';
import type { PostgresOptions } from './drivers/postgres/options.ts';
import type { ThriftOptions } from './drivers/thrift/options.ts';

/** A SQL database, told apart by `driver`. */
export type SqlDriverOptions =
  | ({ readonly driver: 'databricks' | 'spark' } & Omit<ThriftOptions, 'dialect'>)
  | ({ readonly driver: 'duckdb' } & DuckDbOptions)
  | ({ readonly driver: 'postgres' } & PostgresOptions);

/**
 * Opens a driver. Its library is loaded only here, so that a process pays (in start-up time and memory) only for the
 * engines that it uses. It connects with the first statement.
 */
export async function openDriver(options: SqlDriverOptions): Promise<SqlDriver> {
  switch (options.driver) {
    case 'databricks':
    case 'spark': {
      const { createThriftDriver, DATABRICKS, SPARK } = await import('./drivers/thrift.ts');
      return createThriftDriver({ ...options, dialect: options.driver === 'spark' ? SPARK : DATABRICKS });
    }
    case 'duckdb': {
      const { createDuckDbDriver } = await import('./drivers/duckdb.ts');
      return createDuckDbDriver(options);
    }
    case 'postgres': {
      const { createPostgresDriver } = await import('./drivers/postgres.ts');
      return createPostgresDriver(options);
    }
  }
}
