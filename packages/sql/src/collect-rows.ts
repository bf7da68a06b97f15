import type { JsonObject, JsonValue } from '@taskwire/protocol';
import type { RowReceiver, SqlColumn, SqlDriver, SqlRow, SqlStatement, SqlSummary } from './driver.ts';
import { exactJson } from './values/exact-json.ts';
import { jsonObject } from './values/json-object.ts';

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

export function rowObject(columns: readonly SqlColumn[], row: SqlRow): JsonObject {
  return jsonObject(columns.map((column, index) => [column.name, valueIn(column, row[index] ?? null)]));
}

/** A value of a row in JSON. */
export function valueIn({ isJson }: SqlColumn, value: JsonValue): JsonValue {
  return isJson && typeof value === 'string' ? exactJson(value) : value;
}
