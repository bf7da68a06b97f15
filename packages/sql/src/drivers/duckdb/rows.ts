import {
  type DuckDBDataChunk,
  DuckDBEnumType,
  type DuckDBResult,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import type { JsonValue } from '@taskwire/protocol';
import { uniqueNames } from '../../column-names.ts';
import type { SqlColumn } from '../../driver.ts';
import { WIDE_INTEGERS } from './parquet-column.ts';
import { fieldsByPosition } from './struct-fields.ts';
import { jsonOf } from './values.ts';

/** Types that others do not have, or mean otherwise: elsewhere TIMESTAMP is an instant. */
const OWN_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  ...[DuckDBTypeId.TIMESTAMP, DuckDBTypeId.TIMESTAMP_S, DuckDBTypeId.TIMESTAMP_MS, DuckDBTypeId.TIMESTAMP_NS],
  ...[DuckDBTypeId.UTINYINT, DuckDBTypeId.USMALLINT, DuckDBTypeId.UINTEGER, DuckDBTypeId.UBIGINT],
]);

export function columnsOf(result: DuckDBResult, types: readonly DuckDBType[]): SqlColumn[] {
  return uniqueNames(result.columnNames()).map((name, index) => {
    const type = types[index] as DuckDBType;
    const parquetType = OWN_TYPES.has(type.typeId) ? String(type) : WIDE_INTEGERS.has(type.typeId) && 'DECIMAL(38, 0)';
    return {
      ...{ name, type: typeName(type) },
      ...(type.alias === 'JSON' && { isJson: true }),
      ...(parquetType && { parquetType }),
    };
  });
}

/** The rows of a chunk, in the order of the columns. */
export function rowsIn(
  chunk: DuckDBDataChunk,
  types: readonly DuckDBType[],
  columns: readonly SqlColumn[],
): JsonValue[][] {
  const rows: JsonValue[][] = Array.from({ length: chunk.rowCount }, () => new Array(types.length));
  for (const [index, type] of types.entries()) {
    const vector = chunk.getColumnVector(index);
    fieldsByPosition(vector.type);
    for (let row = 0; row < rows.length; row += 1) {
      const value = vector.getItem(row);
      (rows[row] as JsonValue[])[index] = columns[index]?.isJson ? (value as string | null) : jsonOf(value, type);
    }
  }
  return rows;
}

/** As DuckDB writes it, but an ENUM without its values: there can be thousands. */
function typeName(type: DuckDBType): string {
  return type.alias ?? (type instanceof DuckDBEnumType ? 'ENUM' : String(type));
}
