import {
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import { TypeId } from './wire.ts';

type ScalarName =
  | 'BOOLEAN'
  | 'TINYINT'
  | 'SMALLINT'
  | 'INT'
  | 'BIGINT'
  | 'FLOAT'
  | 'DOUBLE'
  | 'STRING'
  | 'BINARY'
  | 'DATE'
  | 'TIMESTAMP'
  | 'TIMESTAMP_NTZ'
  | 'INTERVAL YEAR TO MONTH'
  | 'INTERVAL DAY TO SECOND'
  | 'VOID';

/** A type of Databricks. */
export type SqlType =
  | { name: ScalarName }
  | { name: 'DECIMAL'; precision: number; scale: number }
  | { name: 'ARRAY'; element: SqlType }
  | { name: 'MAP'; key: SqlType; value: SqlType }
  | { name: 'STRUCT'; fields: readonly { name: string; type: SqlType }[] };

const SCALARS: Partial<Record<DuckDBTypeId, ScalarName>> = {
  [DuckDBTypeId.BOOLEAN]: 'BOOLEAN',
  [DuckDBTypeId.TINYINT]: 'TINYINT',
  [DuckDBTypeId.SMALLINT]: 'SMALLINT',
  [DuckDBTypeId.INTEGER]: 'INT',
  [DuckDBTypeId.BIGINT]: 'BIGINT',
  [DuckDBTypeId.FLOAT]: 'FLOAT',
  [DuckDBTypeId.DOUBLE]: 'DOUBLE',
  [DuckDBTypeId.BLOB]: 'BINARY',
  [DuckDBTypeId.DATE]: 'DATE',
  [DuckDBTypeId.TIMESTAMP_TZ]: 'TIMESTAMP',
  [DuckDBTypeId.TIMESTAMP]: 'TIMESTAMP_NTZ',
  [DuckDBTypeId.INTERVAL]: 'INTERVAL DAY TO SECOND',
  // The engine turns its own NULL into INTEGER, and Databricks has no BIT.
  [DuckDBTypeId.BIT]: 'VOID',
};

/** Databricks' type for one of DuckDB; STRING for all others. */
export function sqlTypeOf(type: DuckDBType): SqlType {
  switch (type.typeId) {
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type as DuckDBDecimalType;
      return { name: 'DECIMAL', precision: width, scale };
    }
    case DuckDBTypeId.HUGEINT:
      return { name: 'DECIMAL', precision: 38, scale: 0 };
    case DuckDBTypeId.LIST:
      return { name: 'ARRAY', element: sqlTypeOf((type as DuckDBListType).valueType) };
    case DuckDBTypeId.MAP: {
      const { keyType, valueType } = type as DuckDBMapType;
      return { name: 'MAP', key: sqlTypeOf(keyType), value: sqlTypeOf(valueType) };
    }
    case DuckDBTypeId.STRUCT: {
      const { entryNames, entryTypes } = type as DuckDBStructType;
      const fields = entryNames.map((name, index) => ({ name, type: sqlTypeOf(entryTypes[index] as DuckDBType) }));
      return { name: 'STRUCT', fields };
    }
    default:
      return { name: SCALARS[type.typeId] ?? 'STRING' };
  }
}

/** The type as Databricks writes it: `DECIMAL(10,2)`, `ARRAY<INT>`, `STRUCT<a: INT>`. */
export function typeText(type: SqlType): string {
  switch (type.name) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${typeText(type.element)}>`;
    case 'MAP':
      return `MAP<${typeText(type.key)}, ${typeText(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name}: ${typeText(field.type)}`).join(', ')}>`;
    default:
      return type.name;
  }
}

/** The type's number in the protocol, which has none for TIMESTAMP_NTZ and calls it TIMESTAMP. */
export function typeNumber(type: SqlType): number {
  switch (type.name) {
    case 'TIMESTAMP_NTZ':
      return TypeId.TIMESTAMP_TYPE;
    case 'INTERVAL YEAR TO MONTH':
      return TypeId.INTERVAL_YEAR_MONTH_TYPE;
    case 'INTERVAL DAY TO SECOND':
      return TypeId.INTERVAL_DAY_TIME_TYPE;
    case 'VOID':
      return TypeId.NULL_TYPE;
    default:
      return TypeId[`${type.name}_TYPE`];
  }
}
