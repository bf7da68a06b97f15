import type { DuckDBIntervalValue, DuckDBTimestampValue, DuckDBValue } from '@duckdb/node-api';
import type { SqlType } from './sql-type.ts';

/** A value that is not null, of a type that travels as a string in Arrow. */
export function valueText(type: SqlType, value: DuckDBValue): string {
  if (type.name === 'INTERVAL YEAR TO MONTH') return yearMonthText((value as DuckDBIntervalValue).months);
  if (type.name === 'INTERVAL DAY TO SECOND') return dayTimeText(value as DuckDBIntervalValue);
  return String(value);
}

/** Microseconds since 1970 of a TIMESTAMP or TIMESTAMP_NTZ value. */
export function microsOf(value: DuckDBValue): bigint {
  return (value as DuckDBTimestampValue).micros;
}

/** The bytes of a BINARY value. */
export function bytesOf(value: DuckDBValue): Buffer {
  return Buffer.from((value as unknown as { bytes: Uint8Array }).bytes);
}

function yearMonthText(months: number): string {
  const size = Math.abs(months);
  return `${months < 0 ? '-' : ''}${Math.trunc(size / 12)}-${size % 12}`;
}

function dayTimeText({ days, micros }: DuckDBIntervalValue): string {
  const total = BigInt(days) * 86_400_000_000n + micros;
  const size = total < 0n ? -total : total;
  const part = (unit: bigint, modulus: bigint) => String((size / unit) % modulus).padStart(2, '0');
  const time = `${part(3_600_000_000n, 24n)}:${part(60_000_000n, 60n)}:${part(1_000_000n, 60n)}`;
  const nanos = `${String(size % 1_000_000n).padStart(6, '0')}000`;
  return `${total < 0n ? '-' : ''}${size / 86_400_000_000n} ${time}.${nanos}`;
}
