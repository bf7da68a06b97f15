import { type DuckDBResult, type DuckDBType, DuckDBTypeId, type DuckDBValue, StatementType } from '@duckdb/node-api';
import { type SqlType, sqlTypeOf } from './sql-type.ts';

/** One column of a result with all its values. */
export interface ResultColumn {
  name: string;
  type: SqlType;
  values: DuckDBValue[];
}

/** The result of a statement. One without a result (DDL) has no columns. */
export interface ResultTable {
  columns: ResultColumn[];
  rowCount: number;
}

const CHANGES: Partial<Record<StatementType, readonly string[]>> = {
  [StatementType.INSERT]: ['num_affected_rows', 'num_inserted_rows'],
  [StatementType.UPDATE]: ['num_affected_rows'],
  [StatementType.DELETE]: ['num_affected_rows'],
  [StatementType.MERGE_INTO]: ['num_affected_rows'],
};

const QUERIES = [StatementType.SELECT, StatementType.EXPLAIN];

/** Reads all of a result of DuckDB, with the types that Databricks would give. */
export async function readTable(result: DuckDBResult): Promise<ResultTable> {
  const values = await result.getColumns();
  const counters = CHANGES[result.statementType];
  if (counters) {
    const changed = [BigInt(result.rowsChanged)];
    return { columns: counters.map((name) => ({ name, type: { name: 'BIGINT' }, values: changed })), rowCount: 1 };
  }
  if (!QUERIES.includes(result.statementType)) return { columns: [], rowCount: 0 };
  const columns = result.columnNames().map((name, index) => {
    const column = values[index] ?? [];
    return { name, type: columnType(result.columnType(index), column), values: column };
  });
  return { columns, rowCount: columns[0]?.values.length ?? 0 };
}

/** The type of a column. Only its values tell the type of an interval. */
function columnType(type: DuckDBType, values: readonly DuckDBValue[]): SqlType {
  if (type.typeId === DuckDBTypeId.INTERVAL) {
    const first = values.find((value) => value !== null) as { months: number } | undefined;
    if (first && first.months !== 0) return { name: 'INTERVAL YEAR TO MONTH' };
  }
  return sqlTypeOf(type);
}
