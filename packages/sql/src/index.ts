export type { SqlColumn, SqlDriver, SqlParameters, SqlQuery, SqlRows } from './driver.ts';
export type { DuckDbOptions } from './drivers/duckdb/options.ts';
export { openDriver, type SqlConnection } from './open-driver.ts';
export { SqlError, type SqlErrorCode, type SqlErrorOptions } from './sql-error.ts';
