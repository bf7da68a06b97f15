import type { JsonObject } from '@taskwire/protocol';
import type { RowReceiver, SqlColumn, SqlDriver, SqlStatement, SqlSummary } from './driver.ts';

export interface SqlRows extends SqlSummary {
  /** In the order of the statement, also when there are no rows. */
  readonly columns: readonly SqlColumn[];
  /** By column name. */
  readonly rows: JsonObject[];
}

/** Runs a statement and holds all of its rows in memory. */
export async function collectRows(driver: SqlDriver, statement: SqlStatement): Promise<SqlRows> {
  let columns: readonly SqlColumn[] = [];
  const rows: JsonObject[] = [];
  const receiver: RowReceiver = {
    columns(found) {
      columns = found;
    },
    rows(batch) {
      for (const row of batch) rows.push(rowObject(columns, row));
    },
  };
  return { ...(await driver.run(statement, receiver)), columns, rows };
}

/** Not by assignment: a column may be called `__proto__`. */
export function rowObject(columns: readonly SqlColumn[], row: readonly unknown[]): JsonObject {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index] ?? null])) as JsonObject;
}
