import type { DuckDBListValue, DuckDBMapValue, DuckDBStructValue, DuckDBValue } from '@duckdb/node-api';
import { arrow, type Data, type DataType, type Field, type Struct, type Utf8 } from './apache-arrow.ts';
import type { SqlType } from './sql-type.ts';
import { bytesOf, microsOf, valueText } from './value-text.ts';

/** Lays the values out as Arrow does; exact, because no value passes through a JavaScript number unless it is one. */
export function arrowData(layout: DataType, type: SqlType, values: readonly DuckDBValue[]): Data {
  const length = values.length;
  const nulls = values.filter((value) => value === null).length;
  const common = { length, nullCount: nulls, ...(nulls > 0 && { nullBitmap: validity(values) }) };
  const numbers = <T extends { [index: number]: unknown }>(data: T, of: (value: DuckDBValue) => T[number]): T => {
    values.forEach((value, row) => {
      if (value !== null) data[row] = of(value);
    });
    return data;
  };
  if (layout instanceof arrow.Utf8 || layout instanceof arrow.Binary) {
    const bytes = values.map((value) => {
      if (value === null) return Buffer.alloc(0);
      return layout instanceof arrow.Binary ? bytesOf(value) : Buffer.from(valueText(type, value));
    });
    const data = Buffer.concat(bytes);
    return arrow.makeData({
      ...common,
      type: layout as Utf8,
      valueOffsets: offsets(bytes.map((one) => one.length)),
      data,
    });
  }
  if (layout instanceof arrow.Bool) {
    const data = new Uint8Array(Math.ceil(length / 8));
    values.forEach((value, row) => {
      if (value) data[row >> 3] = (data[row >> 3] as number) | (1 << (row & 7));
    });
    return arrow.makeData({ ...common, type: layout, data });
  }
  if (layout instanceof arrow.Int8)
    return arrow.makeData({ ...common, type: layout, data: numbers(new Int8Array(length), Number) });
  if (layout instanceof arrow.Int16)
    return arrow.makeData({ ...common, type: layout, data: numbers(new Int16Array(length), Number) });
  if (layout instanceof arrow.Int32)
    return arrow.makeData({ ...common, type: layout, data: numbers(new Int32Array(length), Number) });
  if (layout instanceof arrow.Int64) {
    return arrow.makeData({
      ...common,
      type: layout,
      data: numbers(new BigInt64Array(length), (value) => value as bigint),
    });
  }
  if (layout instanceof arrow.Float32) {
    return arrow.makeData({ ...common, type: layout, data: numbers(new Float32Array(length), Number) });
  }
  if (layout instanceof arrow.Float64) {
    return arrow.makeData({ ...common, type: layout, data: numbers(new Float64Array(length), Number) });
  }
  if (layout instanceof arrow.DateDay) {
    const data = numbers(new Int32Array(length), (value) => (value as unknown as { days: number }).days);
    return arrow.makeData({ ...common, type: layout, data });
  }
  if (layout instanceof arrow.TimestampMicrosecond) {
    const data = numbers(new BigInt64Array(length), microsOf);
    return arrow.makeData({ ...common, type: layout, data: new Int32Array(data.buffer) });
  }
  if (layout instanceof arrow.Decimal) {
    const data = new BigInt64Array(length * 2);
    values.forEach((value, row) => {
      if (value === null) return;
      const unscaled = typeof value === 'bigint' ? value : (value as unknown as { value: bigint }).value;
      data[row * 2] = BigInt.asIntN(64, unscaled);
      data[row * 2 + 1] = unscaled >> 64n;
    });
    return arrow.makeData({ ...common, type: layout, data: new Uint32Array(data.buffer) });
  }
  if (layout instanceof arrow.List && type.name === 'ARRAY') {
    const lists = values.map((value) => (value === null ? [] : (value as DuckDBListValue).items));
    const child = arrowData(layout.valueType, type.element, lists.flat());
    return arrow.makeData({ ...common, type: layout, valueOffsets: offsets(lists.map((list) => list.length)), child });
  }
  if (layout instanceof arrow.Map_ && type.name === 'MAP') {
    const lists = values.map((value) => (value === null ? [] : (value as DuckDBMapValue).entries));
    const entries = lists.flat();
    const children = [
      arrowData(
        layout.keyType,
        type.key,
        entries.map((entry) => entry.key),
      ),
      arrowData(
        layout.valueType,
        type.value,
        entries.map((entry) => entry.value),
      ),
    ];
    const child = arrow.makeData({
      type: layout.children[0]?.type as Struct,
      length: entries.length,
      nullCount: 0,
      children,
    });
    return arrow.makeData({ ...common, type: layout, valueOffsets: offsets(lists.map((list) => list.length)), child });
  }
  if (layout instanceof arrow.Struct && type.name === 'STRUCT') {
    const children = type.fields.map((field, index) => {
      const inner = values.map((value) => (value as DuckDBStructValue | null)?.entries[field.name] ?? null);
      return arrowData((layout.children[index] as Field).type, field.type, inner);
    });
    return arrow.makeData({ ...common, type: layout, children });
  }
  return arrow.makeData({ type: new arrow.Null(), length });
}

function validity(values: readonly DuckDBValue[]): Uint8Array {
  const bitmap = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value !== null) bitmap[row >> 3] = (bitmap[row >> 3] as number) | (1 << (row & 7));
  });
  return bitmap;
}

function offsets(lengths: readonly number[]): Int32Array {
  const result = new Int32Array(lengths.length + 1);
  lengths.forEach((length, row) => {
    result[row + 1] = (result[row] as number) + length;
  });
  return result;
}
