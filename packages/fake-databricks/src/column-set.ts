import type { DuckDBValue } from '@duckdb/node-api';
import type { ResultColumn } from './result-table.ts';
import { bytesOf, shortestFloat, valueText } from './value-text.ts';
import { int64 } from './wire.ts';

/** A column of the protocol: exactly one member, which holds values and a bitmap of nulls, lowest bit first. */
export type WireColumn = Record<string, { values: unknown[]; nulls: Buffer }>;

/** Encodes rows `from` to `to` (exclusive) of a column, in the member that Databricks uses for its type. */
export function wireColumn({ type, values }: ResultColumn, from: number, to: number, timeZone: string): WireColumn {
  const slice = values.slice(from, to);
  // As long as the last null needs, and at least one byte, like the real server.
  const nulls = Buffer.alloc(1 + (Math.max(0, slice.lastIndexOf(null)) >> 3));
  slice.forEach((value, row) => {
    if (value === null) nulls[row >> 3] = (nulls[row >> 3] as number) | (1 << (row & 7));
  });
  const encode = <T>(absent: T, present: (value: DuckDBValue) => T) => ({
    values: slice.map((value) => (value === null ? absent : present(value))),
    nulls,
  });
  switch (type.name) {
    case 'BOOLEAN':
      return { boolVal: encode(false, Boolean) };
    case 'TINYINT':
      return { byteVal: encode(0, Number) };
    case 'SMALLINT':
      return { i16Val: encode(0, Number) };
    case 'INT':
      return { i32Val: encode(0, Number) };
    case 'BIGINT':
      return { i64Val: encode(int64(0), (value) => int64(value as bigint)) };
    case 'FLOAT':
      return { doubleVal: encode(0, (value) => shortestFloat(value as number)) };
    case 'DOUBLE':
      return { doubleVal: encode(0, Number) };
    case 'BINARY':
      return { binaryVal: encode(Buffer.alloc(0), bytesOf) };
    default:
      return { stringVal: encode('', (value) => valueText(type, value, timeZone)) };
  }
}
