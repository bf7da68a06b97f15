import { collectRows, type SqlRows } from '../collect-rows.ts';
import type { SqlDriver, SqlStatement } from '../driver.ts';

/** Runs a query with what most tests have in common: no parameters, plenty of rows, nobody who cancels. */
export function ask(driver: SqlDriver, query: string, options: Partial<SqlStatement> = {}): Promise<SqlRows> {
  const { signal } = new AbortController();
  return collectRows(driver, { query, parameters: [], maxRows: 1000, timeoutMs: 60_000, signal, ...options });
}
