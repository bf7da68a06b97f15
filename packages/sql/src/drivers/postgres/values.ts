import type { JsonValue } from '@taskwire/protocol';
import { SqlError } from '../../sql-error.ts';
import { exactJson } from '../../values/exact-json.ts';
import { jsonObject } from '../../values/json-object.ts';
import { bigintToJson, doubleToJson } from '../../values/numbers.ts';
import { parseArray } from './array-text.ts';
import { parseComposite } from './composite-text.ts';
import { isoDateOf, isoTimeOf, isoTimestampOf } from './date-texts.ts';
import { parseHstore } from './hstore-text.ts';
import type { TypeShape } from './type-shapes.ts';

/** The JSON of a value, from the server's text. NULL has no text. */
export type Decode = (text: string) => JsonValue;

/** More digits may be beyond 2^53. */
const SAFE_DIGITS = 15;

export const asText: Decode = (text) => text;
const integer: Decode = (text) => (text.length <= SAFE_DIGITS ? Number(text) : bigintToJson(BigInt(text)));
const float: Decode = (text) => doubleToJson(Number(text));
const bytes: Decode = (text) => {
  // The server reports changes of other settings, but not of this one.
  if (!text.startsWith('\\x'))
    throw new SqlError({ code: 'not_allowed', message: 'A query must not set bytea_output' });
  return Buffer.from(text.slice(2), 'hex').toString('base64');
};

/** By the OIDs of `pg_type.dat`, which never change. Every other type stays a text. */
const BASE_TYPES = new Map<number, Decode>([
  [16, (text) => text === 't'],
  [17, bytes],
  [20, integer],
  [21, integer],
  [23, integer],
  [26, integer],
  [114, exactJson],
  [700, float],
  [701, float],
  [1082, isoDateOf],
  [1114, isoTimestampOf],
  [1184, isoTimestampOf],
  [1266, isoTimeOf],
  [3802, exactJson],
]);
const RECORD = 2249;

/**
 * How to read a type.
 *
 * - smallint, integer, bigint, oid: a number within ±(2^53-1), else a string; numeric: a string with all its digits
 * - real, double precision: a number, or the strings `NaN`, `Infinity`, `-Infinity`; minus zero becomes 0
 * - date, time, timestamp: ISO 8601 with all digits of the second, `Z` where there is a time zone; `infinity`
 * - interval: an ISO 8601 duration; bytea: base64
 * - json, jsonb: parsed, except for numbers in it that a double cannot hold, which become strings
 * - arrays: lists. A composite: an object; a record, whose fields have neither names nor types: a list of texts
 * - hstore: an object. A domain: like its base type
 * - everything else as PostgreSQL writes it: texts, uuid, enums, ranges, bit strings, network addresses, geometry, XML
 */
export function decoderOf(oid: number, shapes: ReadonlyMap<number, TypeShape>): Decode {
  const shape = shapes.get(oid);
  if (oid === RECORD) return recordOf([]);
  if (!shape) return asText;
  // Before arrays: a domain over one has its category, but no element.
  if (shape.kind === 'd') return decoderOf(shape.base, shapes);
  if (shape.isArray) return arrayOf(shape, shapes);
  if (shape.kind === 'c') return compositeOf(shape, shapes);
  if (shape.name === 'hstore' && shape.kind === 'b') return parseHstore;
  return BASE_TYPES.get(oid) ?? asText;
}

function arrayOf({ element, delimiter }: TypeShape, shapes: ReadonlyMap<number, TypeShape>): Decode {
  const decode = decoderOf(element, shapes);
  // `int2vector` and `oidvector` are arrays written without braces.
  return (text) => (delimiter === ',' && text.endsWith('}') ? parseArray(text, decode) : text);
}

function compositeOf({ attributes }: TypeShape, shapes: ReadonlyMap<number, TypeShape>): Decode {
  const fields = attributes.map(({ name, type }): [string, Decode] => [name, decoderOf(type, shapes)]);
  const read = recordOf(fields.map(([, decode]) => decode));
  return (text) => {
    const values = read(text) as JsonValue[];
    return jsonObject(fields.map(([name], index) => [name, values[index] ?? null]));
  };
}

function recordOf(decoders: readonly Decode[]): Decode {
  return (text) =>
    parseComposite(text).map((field, index) => (field === null ? null : (decoders[index] ?? asText)(field)));
}
