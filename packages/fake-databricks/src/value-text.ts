import {
  type DuckDBDateValue,
  type DuckDBDecimalValue,
  type DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  type DuckDBTimestampTZValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import type { SqlType } from './sql-type.ts';

/** A value that is not null, as Databricks prints it in a result of strings; complex types as JSON. */
export function valueText(type: SqlType, value: DuckDBValue, timeZone: string): string {
  switch (type.name) {
    case 'DECIMAL':
      return typeof value === 'bigint' ? String(value) : decimalText((value as DuckDBDecimalValue).value, type.scale);
    case 'DATE':
      return dateText((value as DuckDBDateValue).days);
    case 'TIMESTAMP':
      return timestampText(microsOf(value) + offsetMicros(microsOf(value), timeZone));
    case 'TIMESTAMP_NTZ':
      return timestampText(microsOf(value));
    case 'INTERVAL YEAR TO MONTH':
      return yearMonthText((value as DuckDBIntervalValue).months);
    case 'INTERVAL DAY TO SECOND':
      return dayTimeText(value as DuckDBIntervalValue);
    case 'BINARY':
      return bytesOf(value).toString('base64');
    case 'FLOAT':
      return String(shortestFloat(value as number));
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return jsonText(type, value, timeZone);
    default:
      return String(value);
  }
}

/** A value as `to_json` of Databricks writes it: numbers with all digits, everything else as strings. */
function jsonText(type: SqlType, value: DuckDBValue, timeZone: string): string {
  if (value === null) return 'null';
  if (type.name === 'ARRAY' && value instanceof DuckDBListValue) {
    return `[${value.items.map((item) => jsonText(type.element, item, timeZone)).join(',')}]`;
  }
  if (type.name === 'MAP' && value instanceof DuckDBMapValue) {
    const entries = value.entries.map((entry) => {
      const key = JSON.stringify(entry.key === null ? 'null' : valueText(type.key, entry.key, timeZone));
      return `${key}:${jsonText(type.value, entry.value, timeZone)}`;
    });
    return `{${entries.join(',')}}`;
  }
  if (type.name === 'STRUCT' && value instanceof DuckDBStructValue) {
    const entries = type.fields.map(
      (field) => `${JSON.stringify(field.name)}:${jsonText(field.type, value.entries[field.name] ?? null, timeZone)}`,
    );
    return `{${entries.join(',')}}`;
  }
  const bare = ['BOOLEAN', 'TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'FLOAT', 'DOUBLE', 'DECIMAL'].includes(type.name);
  const text = valueText(type, value, timeZone);
  return bare && !/[a-z]{3}/i.test(text.replace(/^(true|false)$/, '')) ? text : JSON.stringify(text);
}

/** Microseconds since 1970 of a TIMESTAMP or TIMESTAMP_NTZ value. */
export function microsOf(value: DuckDBValue): bigint {
  const held = value as Partial<Record<'micros' | 'nanos' | 'millis' | 'seconds', bigint>>;
  if (held.nanos !== undefined) return held.nanos / 1000n;
  if (held.millis !== undefined) return held.millis * 1000n;
  if (held.seconds !== undefined) return held.seconds * 1_000_000n;
  return (value as DuckDBTimestampTZValue).micros;
}

/** The bytes of a BINARY value. */
export function bytesOf(value: DuckDBValue): Buffer {
  return Buffer.from((value as unknown as { bytes: Uint8Array }).bytes);
}

/** The number with the fewest digits that is the same FLOAT: 1.1 rather than 1.100000023841858. */
export function shortestFloat(value: number): number {
  for (let digits = 1; digits < 9 && Number.isFinite(value); digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
}

function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().replace(/^\+0*|T.*$/g, '');
}

function timestampText(micros: bigint): string {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(Number((micros - fraction) / 1000n)).toISOString().replace(/^\+0*/, '');
  const digits = String(fraction).padStart(6, '0').replace(/0+$/, '');
  return `${text.slice(0, -5).replace('T', ' ')}${digits === '' ? '' : `.${digits}`}`;
}

/** How far the time zone is ahead of UTC at an instant, in microseconds. */
function offsetMicros(micros: bigint, timeZone: string): bigint {
  if (timeZone === 'UTC') return 0n;
  const instant = Math.floor(Number(micros / 1000n) / 1000) * 1000;
  const local = new Date(instant).toLocaleString('sv-SE', { timeZone });
  return BigInt(Date.parse(`${local.replace(' ', 'T')}Z`) - instant) * 1000n;
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
