import {
  type DuckDBPreparedStatement,
  type DuckDBResult,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  StatementType,
} from '@duckdb/node-api';
import { type SqlType, sqlTypeOf, typeText } from './sql-type.ts';

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

/** Names that Databricks gives to columns without one. */
const NAMES: ReadonlyMap<string, string> = new Map(Object.entries({ 'count_star()': 'count(1)' }));

const QUERIES = [StatementType.SELECT, StatementType.EXPLAIN, StatementType.PRAGMA];

/** Reads all of a result of DuckDB, with the types that Databricks would give. */
export async function readTable(result: DuckDBResult): Promise<ResultTable> {
  const values = await result.getColumns();
  const counters = CHANGES[result.statementType];
  if (counters) {
    const changed = [BigInt(result.rowsChanged)];
    return { columns: counters.map((name) => ({ name, type: { name: 'BIGINT' }, values: changed })), rowCount: 1 };
  }
  if (!QUERIES.includes(result.statementType)) return { columns: [], rowCount: 0 };
  if (result.statementType === StatementType.EXPLAIN) {
    return { columns: [{ name: 'plan', type: { name: 'STRING' }, values: values[1] ?? [] }], rowCount: 1 };
  }
  const columns = result.columnNames().map((name, index) => {
    const column = values[index] ?? [];
    return { name: NAMES.get(name) ?? name, type: columnType(result.columnType(index), column), values: column };
  });
  return { columns, rowCount: columns[0]?.values.length ?? 0 };
}

/** What DESCRIBE QUERY returns: names and types, without running the statement. */
export function describeQuery(prepared: DuckDBPreparedStatement): ResultTable {
  const indexes = Array.from({ length: prepared.columnCount }, (_, index) => index);
  const column = (name: string, values: DuckDBValue[]): ResultColumn => ({ name, type: { name: 'STRING' }, values });
  const type = (index: number) => typeText(columnType(prepared.columnType(index), [])).toLowerCase();
  const columns = [
    column(
      'col_name',
      indexes.map((index) => prepared.columnName(index)),
    ),
    column('data_type', indexes.map(type)),
    column(
      'comment',
      indexes.map(() => null),
    ),
  ];
  return { columns, rowCount: indexes.length };
}

/** The type of a column. A sum of integers is a BIGINT on Databricks; only its values tell the type of an interval. */
function columnType(type: DuckDBType, values: readonly DuckDBValue[]): SqlType {
  if (type.typeId === DuckDBTypeId.HUGEINT && values.every(isSmall)) return { name: 'BIGINT' };
  if (type.typeId === DuckDBTypeId.INTERVAL) {
    const first = values.find((value) => value !== null) as { months: number } | undefined;
    if (first && first.months !== 0) return { name: 'INTERVAL YEAR TO MONTH' };
  }
  return sqlTypeOf(type);
}

function isSmall(value: DuckDBValue): boolean {
  return value === null || (typeof value === 'bigint' && BigInt.asIntN(64, value) === value);
}
