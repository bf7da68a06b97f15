import { SqlError } from '../../sql-error.ts';
import { bigintToJson, doubleToJson, floatToJson } from '../../values/numbers.ts';
import type { Chunk, ValueReader } from './chunk.ts';
import type { ResultColumn } from './column-types.ts';
import { bigintOf, type TColumn } from './protocol.ts';
import { jsonOfText } from './text-values.ts';

/** Rows as columns of the protocol itself: from servers without Arrow, and for some commands. */
export function columnChunk(wireColumns: readonly TColumn[], columns: readonly ResultColumn[]): Chunk {
  if (wireColumns.length !== columns.length) {
    throw incomplete(`${wireColumns.length} of the ${columns.length} columns came`);
  }
  const readers = wireColumns.map((column, index) => readerOf(column, columns[index] as ResultColumn));
  const [rowCount = 0, ...others] = readers.map(({ length }) => length);
  if (others.some((other) => other !== rowCount)) throw incomplete('its columns have different lengths');
  return { rowCount, columns: readers.map(({ read }) => read) };
}

/** Exactly one member of a column is there; which one depends on its type. */
function readerOf(column: TColumn, { kind }: ResultColumn): { length: number; read: ValueReader } {
  const { boolVal, byteVal, i16Val, i32Val, i64Val, doubleVal, stringVal, binaryVal } = column;
  if (i64Val) return reader(i64Val, (value) => bigintToJson(bigintOf(value)));
  if (stringVal) return reader(stringVal, (text) => jsonOfText(text, kind));
  if (binaryVal) return reader(binaryVal, (bytes) => Buffer.from(bytes).toString('base64'));
  if (doubleVal) {
    // A float comes as the double with the same digits (0.1) or with the same value (0.10000000149011612).
    return reader(doubleVal, kind === 'FLOAT' ? (value) => floatToJson(Math.fround(value)) : doubleToJson);
  }
  const plain = boolVal ?? byteVal ?? i16Val ?? i32Val;
  if (plain) return reader<boolean | number>(plain, (value) => value);
  throw incomplete('a column came in an unknown form');
}

interface WireValues<T> {
  values: T[];
  /** A bit for each row, the lowest first; it may be shorter than the column, when no more nulls follow. */
  nulls: Buffer;
}

function reader<T>({ values, nulls }: WireValues<T>, json: (value: T) => ReturnType<ValueReader>) {
  const isNull = (row: number) => ((nulls?.[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  return { length: values.length, read: (row: number) => (isNull(row) ? null : json(values[row] as T)) };
}

function incomplete(message: string): SqlError {
  return new SqlError({ code: 'incomplete', message: `The server sent an incomplete result: ${message}` });
}
