import type { JsonValue } from '@taskwire/protocol';
import { uniqueNames } from '../../column-names.ts';
import { isoDate, isoTimestamp } from '../../values/iso-8601.ts';
import { jsonObject } from '../../values/json-object.ts';
import { bigintToJson, doubleToJson, floatToJson } from '../../values/numbers.ts';
import { arrow, type Data } from './apache-arrow.ts';
import type { ValueReader } from './chunk.ts';
import { jsonOfText } from './text-values.ts';

const { DataType, DateUnit, Precision, TimeUnit } = arrow;

/** Digits of a second by the unit of a timestamp. */
const DECIMALS: Record<number, number> = {
  [TimeUnit.SECOND]: 0,
  [TimeUnit.MILLISECOND]: 3,
  [TimeUnit.MICROSECOND]: 6,
  [TimeUnit.NANOSECOND]: 9,
};

/**
 * Reads the JSON of values out of Arrow's buffers. Not by Arrow's own `get`, which cuts timestamps to milliseconds.
 *
 * @param kind of the column's type: says what a text is. For what is nested in a column it is not known, nor needed.
 * @throws {TypeError} for a type that has no JSON form yet
 */
export function arrowReader(data: Data, kind = ''): ValueReader {
  const read = validReader(data, kind);
  return data.nullCount === 0 ? read : (row) => (data.getValid(row) ? read(row) : null);
}

function validReader(data: Data, kind: string): ValueReader {
  const { type, values, valueOffsets } = data;
  if (DataType.isNull(type)) return () => null;
  if (DataType.isBool(type)) {
    return (row) => (((values[(data.offset + row) >> 3] as number) >> ((data.offset + row) & 7)) & 1) === 1;
  }
  if (DataType.isInt(type)) {
    return type.bitWidth === 64 ? (row) => bigintToJson(values[row] as bigint) : (row) => values[row] as number;
  }
  if (DataType.isFloat(type) && type.precision !== Precision.HALF) {
    const json = type.precision === Precision.SINGLE ? floatToJson : doubleToJson;
    return (row) => json(values[row] as number);
  }
  if (DataType.isDecimal(type)) return (row) => decimalText(decimalAt(data, row), type.scale);
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) return (row) => isoDate(values[row] as number);
  if (DataType.isTimestamp(type)) {
    const zone = type.timezone ? 'Z' : '';
    const decimals = DECIMALS[type.unit] as number;
    return (row) => isoTimestamp(int64At(values as Int32Array, row), decimals) + zone;
  }
  const bytesAt = (row: number) => Buffer.from(values.buffer, values.byteOffset + at(row), at(row + 1) - at(row));
  const at = (row: number) => valueOffsets[row] as number;
  if (DataType.isUtf8(type)) return (row) => jsonOfText(bytesAt(row).toString(), kind);
  if (DataType.isBinary(type)) return (row) => bytesAt(row).toString('base64');
  return nestedReader(data);
}

function nestedReader({ type, children, valueOffsets }: Data): ValueReader {
  const at = (row: number) => valueOffsets[row] as number;
  if (DataType.isList(type)) {
    const read = arrowReader(children[0] as Data);
    return (row) => Array.from({ length: at(row + 1) - at(row) }, (_, index) => read(at(row) + index));
  }
  if (DataType.isStruct(type)) {
    const names = uniqueNames(type.children.map(({ name }) => name));
    const readers = children.map((child) => arrowReader(child));
    return (row) => jsonObject(names.map((name, index) => [name, readers[index]?.(row) ?? null]));
  }
  if (DataType.isMap(type)) {
    const [keys, entryValues] = (children[0] as Data).children as [Data, Data];
    return mapReader({ keys, values: entryValues, at });
  }
  throw new TypeError(`A value has no JSON form yet: the Arrow type ${type}`);
}

/** An object if the keys are texts, else a list of `{key, value}`. */
function mapReader(options: { keys: Data; values: Data; at: (row: number) => number }): ValueReader {
  const { keys, values, at } = options;
  const [readKey, readValue] = [arrowReader(keys), arrowReader(values)];
  const isText = DataType.isUtf8(keys.type);
  return (row) => {
    const entries = Array.from({ length: at(row + 1) - at(row) }, (_, index) => at(row) + index);
    const pairs = entries.map((entry) => ({ key: readKey(entry), value: readValue(entry) }));
    return isText ? jsonObject(pairs.map(({ key, value }) => [String(key), value])) : (pairs as JsonValue);
  };
}

/** Of 32-bit halves, the lower first, as Arrow's library has them. */
function int64At(halves: Int32Array, row: number): bigint {
  return (BigInt(halves[row * 2 + 1] as number) << 32n) | BigInt((halves[row * 2] as number) >>> 0);
}

/** Of 32-bit words, the lowest first; the highest holds the sign. */
function decimalAt({ values, stride }: Data, row: number): bigint {
  let value = 0n;
  for (let word = stride - 1; word >= 0; word -= 1)
    value = (value << 32n) | BigInt(values[row * stride + word] as number);
  return BigInt.asIntN(stride * 32, value);
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled);
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
