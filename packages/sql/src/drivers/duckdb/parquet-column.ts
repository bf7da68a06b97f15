import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionType,
} from '@duckdb/node-api';
import type { FileColumn } from './file-column.ts';

/** Integers wider than Parquet's; DuckDB would write them as doubles. */
export const WIDE_INTEGERS: ReadonlySet<DuckDBTypeId> = new Set([DuckDBTypeId.HUGEINT, DuckDBTypeId.UHUGEINT]);

/** Parquet has no such type, or a coarser one (an INTERVAL in milliseconds): they are written as DuckDB's texts. */
const TEXTS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.INTERVAL,
  DuckDBTypeId.TIME_TZ,
  DuckDBTypeId.TIME_NS,
  DuckDBTypeId.BIT,
  DuckDBTypeId.BIGNUM,
]);

/** A column in a Parquet file; undefined if DuckDB would write what our JSON does not say. */
export function parquetColumn(type: DuckDBType, place: number): FileColumn | undefined {
  const column = `#${place}`;
  const text = `cast(${column} as varchar)`;
  // Texts when one has more digits than a decimal holds.
  const restored = `cast(${column} as ${type})`;
  if (WIDE_INTEGERS.has(type.typeId)) return { stored: text, restored, usual: `cast(${column} as decimal(38, 0))` };
  if (TEXTS.has(type.typeId)) return { stored: text, restored };
  return isExact(type) ? { stored: column } : undefined;
}

/** Whether Parquet has the type, and those within it. */
function isExact(type: DuckDBType): boolean {
  if (type.typeId === DuckDBTypeId.VARIANT || type instanceof DuckDBUnionType) return false;
  if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) return isExact(type.valueType);
  if (type instanceof DuckDBMapType) return isExact(type.keyType) && isExact(type.valueType);
  if (type instanceof DuckDBStructType) return type.entryTypes.every(isExact) && !type.entryNames.includes('');
  return !WIDE_INTEGERS.has(type.typeId) && !TEXTS.has(type.typeId);
}
