import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBGeometryValue,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  type DuckDBType,
  DuckDBTypeId,
  DuckDBUnionType,
  DuckDBUnionValue,
  type DuckDBValue,
  DuckDBVariantValue,
} from '@duckdb/node-api';
import type { JsonValue } from '@taskwire/protocol';
import { exactJson } from '../../values/exact-json.ts';
import { jsonObject } from '../../values/json-object.ts';
import { bigintToJson, doubleToJson, floatToJson } from '../../values/numbers.ts';
import { textOf } from './texts.ts';

/**
 * The JSON of a value, without loss.
 *
 * - integers of any width: a number within ±(2^53-1), else a string; DECIMAL: always a string, with all its digits
 * - FLOAT and DOUBLE: a number, or the strings `NaN`, `Infinity`, `-Infinity`; minus zero becomes 0
 * - DATE, TIME, TIMESTAMP: ISO 8601 with all digits of the second, `Z` where there is a time zone; `infinity`
 * - INTERVAL: an ISO 8601 duration; UUID, ENUM, BIT: strings; BLOB and GEOMETRY (as WKB): base64
 * - JSON: parsed, except for numbers in it that a double cannot hold, which become strings
 * - LIST, ARRAY: a list. STRUCT: an object; a list if its fields have no names. UNION, VARIANT: the value in it
 * - MAP: an object if its keys are texts, else a list of `{key, value}`
 *
 * @param type of the column or field; undefined inside a VARIANT, where each value knows its own
 */
export function jsonOf(value: DuckDBValue, type: DuckDBType | undefined): JsonValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return type?.alias === 'JSON' ? exactJson(value) : value;
  if (typeof value === 'bigint') return bigintToJson(value);
  if (typeof value === 'number') return type?.typeId === DuckDBTypeId.FLOAT ? floatToJson(value) : doubleToJson(value);

  if (value instanceof DuckDBBlobValue || value instanceof DuckDBGeometryValue) {
    return Buffer.from(value.bytes).toString('base64');
  }
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const itemType = type && 'valueType' in type ? type.valueType : undefined;
    return value.items.map((item) => jsonOf(item, itemType));
  }
  if (value instanceof DuckDBStructValue) return structToJson(value, type);
  if (value instanceof DuckDBMapValue) return mapToJson(value, type);
  if (value instanceof DuckDBUnionValue) {
    return jsonOf(value.value, type instanceof DuckDBUnionType ? type.memberTypeForTag(value.tag) : undefined);
  }
  if (value instanceof DuckDBVariantValue) return jsonOf(value.value, undefined);
  return textOf(value);
}

/** Fields are keyed by their position where the type is known (see `struct-fields.ts`), by name inside a VARIANT. */
function structToJson({ entries }: DuckDBStructValue, type: DuckDBType | undefined): JsonValue {
  if (!(type instanceof DuckDBStructType)) {
    return jsonObject(Object.entries(entries).map(([name, value]) => [name, jsonOf(value, undefined)]));
  }
  const values = type.entryTypes.map((fieldType, index) => jsonOf(entries[index] ?? null, fieldType));
  if (type.entryNames.every((name) => name === '')) return values;
  return jsonObject(type.entryNames.map((name, index) => [name, values[index] ?? null]));
}

function mapToJson({ entries }: DuckDBMapValue, type: DuckDBType | undefined): JsonValue {
  const { keyType, valueType } = type instanceof DuckDBMapType ? type : {};
  const pairs = entries.map(({ key, value }) => ({ key: jsonOf(key, keyType), value: jsonOf(value, valueType) }));
  // Not JSON: after parsing, objects and lists would have one name.
  const isText =
    (keyType?.typeId === DuckDBTypeId.VARCHAR && keyType.alias !== 'JSON') || keyType?.typeId === DuckDBTypeId.ENUM;
  return isText ? jsonObject(pairs.map(({ key, value }) => [String(key), value])) : pairs;
}
