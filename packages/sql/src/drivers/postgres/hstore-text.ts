import type { JsonObject } from '@taskwire/protocol';
import { jsonObject } from '../../values/json-object.ts';
import { readQuoted } from './quoted-text.ts';

const ARROW = '=>';
const SEPARATOR = ', ';

/** The object of `"a"=>"1", "b"=>NULL`: texts and nulls by their keys. */
export function parseHstore(text: string): JsonObject {
  const pairs: [string, string | null][] = [];
  let at = 0;
  while (at < text.length) {
    const key = readQuoted(text, at + 1);
    const valueAt = key.end + ARROW.length;
    const isNull = text[valueAt] !== '"';
    const value = isNull ? { value: null, end: valueAt + 'NULL'.length } : readQuoted(text, valueAt + 1);
    pairs.push([key.value, value.value]);
    at = value.end + SEPARATOR.length;
  }
  return jsonObject(pairs);
}
