import {
  DuckDBBitValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBTimeNSValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeTZValue,
  DuckDBTimeValue,
  DuckDBUUIDValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { isoDate, isoDuration, isoOffset, isoTime, isoTimestamp } from '../../values/iso-8601.ts';

const MAX_DATE = 2n ** 31n - 1n;
const MAX_TIMESTAMP = 2n ** 63n - 1n;

/** Values that travel as texts. */
export function textOf(value: DuckDBValue): string {
  if (value instanceof DuckDBDecimalValue) return String(value);
  if (value instanceof DuckDBUUIDValue || value instanceof DuckDBBitValue) return String(value);

  if (value instanceof DuckDBDateValue) return infinityOf(BigInt(value.days), MAX_DATE) ?? isoDate(value.days);
  if (value instanceof DuckDBTimestampValue) return timestamp(value.micros, 6);
  if (value instanceof DuckDBTimestampTZValue) return timestamp(value.micros, 6, 'Z');
  if (value instanceof DuckDBTimestampSecondsValue) return timestamp(value.seconds, 0);
  if (value instanceof DuckDBTimestampMillisecondsValue) return timestamp(value.millis, 3);
  if (value instanceof DuckDBTimestampNanosecondsValue) return timestamp(value.nanos, 9);

  if (value instanceof DuckDBTimeValue) return isoTime(value.micros, 6);
  if (value instanceof DuckDBTimeNSValue) return isoTime(value.nanos, 9);
  if (value instanceof DuckDBTimeTZValue) return isoTime(value.micros, 6) + isoOffset(value.offset);
  if (value instanceof DuckDBIntervalValue) return isoDuration(value);
  throw new TypeError(`A value of DuckDB has no JSON form yet: ${value?.constructor.name ?? typeof value}`);
}

function timestamp(ticks: bigint, decimals: number, zone = ''): string {
  return infinityOf(ticks, MAX_TIMESTAMP) ?? isoTimestamp(ticks, decimals) + zone;
}

/** Infinite dates are the two outermost values; the driver writes some of them as days in the far future. */
function infinityOf(value: bigint, max: bigint): string | undefined {
  if (value === max) return 'infinity';
  return value === -max ? '-infinity' : undefined;
}
