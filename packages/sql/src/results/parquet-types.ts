import type { SqlColumn } from '../driver.ts';

/** A DuckDB type for what an engine calls its column's type, and how a value of it stands in our JSON. */
export interface ParquetType {
  type: string;
  isBase64: boolean;
}

export const AS_TEXT: ParquetType = { type: 'VARCHAR', isBase64: false };

const SAME: Readonly<Record<string, string>> = {
  boolean: 'BOOLEAN',
  tinyint: 'TINYINT',
  smallint: 'SMALLINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  bigint: 'BIGINT',
  oid: 'BIGINT',
  real: 'FLOAT',
  float: 'FLOAT',
  double: 'DOUBLE',
  'double precision': 'DOUBLE',
  date: 'DATE',
  time: 'TIME',
  'time without time zone': 'TIME',
  timestamp_ntz: 'TIMESTAMP',
  'timestamp without time zone': 'TIMESTAMP',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  'timestamp with time zone': 'TIMESTAMP WITH TIME ZONE',
  uuid: 'UUID',
};

/**
 * The type in a Parquet file of a column of Postgres or Databricks: the same where Parquet has it, else text. A decimal
 * keeps its type when it says how wide it is, and is no wider than 38 digits.
 *
 * Usually by its name, as `numeric(10,2)` or `TIMESTAMP`: users may have types called like one of the engine's.
 */
export function parquetTypeOf({ type: name, parquetType }: SqlColumn): ParquetType {
  if (parquetType) return { type: parquetType, isBase64: false };
  const type = name.toLowerCase();
  if (/^(bytea|binary|blob)$/.test(type)) return { type: 'BLOB', isBase64: true };
  const [, precision, scale] = /^(?:decimal|numeric)\((\d+)(?:,\s*(\d+))?\)$/.exec(type) ?? [];
  if (precision !== undefined && Number(precision) <= 38 && Number(scale ?? 0) <= Number(precision)) {
    return { type: `DECIMAL(${precision}, ${scale ?? 0})`, isBase64: false };
  }
  // A precision of seconds: `timestamp(3) without time zone`.
  const plain = type.replace(/\(\d\)/, '');
  return { type: SAME[plain] ?? 'VARCHAR', isBase64: false };
}
