import type { SqlDriver, SqlQuery, SqlRows } from '../driver.ts';

/** Runs a query with what most tests have in common: no parameters, plenty of rows, nobody who cancels. */
export function ask(driver: SqlDriver, query: string, options: Partial<SqlQuery> = {}): Promise<SqlRows> {
  return driver.query({ query, parameters: [], maxRows: 1000, signal: new AbortController().signal, ...options });
}
