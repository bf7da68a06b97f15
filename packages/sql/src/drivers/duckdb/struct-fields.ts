import {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBUnionType,
} from '@duckdb/node-api';

/**
 * Makes a vector's structs come out with the keys `0`, `1`, … instead of the names of their fields.
 *
 * The driver assigns fields to an object by name, so of `row(1, 2)`, whose fields have no names, it keeps only the last, and
 * it loses a field called `__proto__`. It takes the names from the vector's own type, which is changed here; the types of
 * the result are other objects and keep the real names.
 */
export function fieldsByPosition(type: DuckDBType): void {
  if (type instanceof DuckDBStructType) {
    const names = type.entryNames as string[];
    for (const index of names.keys()) names[index] = String(index);
    type.entryTypes.forEach(fieldsByPosition);
  } else if (type instanceof DuckDBListType || type instanceof DuckDBArrayType) {
    fieldsByPosition(type.valueType);
  } else if (type instanceof DuckDBMapType) {
    fieldsByPosition(type.keyType);
    fieldsByPosition(type.valueType);
  } else if (type instanceof DuckDBUnionType) {
    type.memberTypes.forEach(fieldsByPosition);
  }
}
