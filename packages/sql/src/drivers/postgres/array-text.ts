import type { JsonValue } from '@taskwire/protocol';
import { readQuoted } from './quoted-text.ts';

const END_OF_WORD = /[,}]/g;

/**
 * The list of `{1,"a \"b\"",NULL,{2}}`, as the server writes arrays, without a prefix `[0:1]=` that numbers the elements.
 * Not with `postgres-array`, whose time grows with the square of the number of elements.
 *
 * https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
 */
export function parseArray(text: string, decode: (element: string) => JsonValue): JsonValue[] {
  const all: JsonValue[] = [];
  const open = [all];
  let at = text.indexOf('{');
  while (at < text.length) {
    const list = open.at(-1) ?? all;
    const character = text[at];
    if (character === '{') {
      const inner: JsonValue[] = [];
      list.push(inner);
      open.push(inner);
      at += 1;
    } else if (character === '}') {
      open.pop();
      at += 1;
    } else if (character === ',') {
      at += 1;
    } else if (character === '"') {
      const { value, end } = readQuoted(text, at + 1);
      list.push(decode(value));
      at = end;
    } else {
      END_OF_WORD.lastIndex = at;
      const end = END_OF_WORD.exec(text)?.index ?? text.length;
      const word = text.slice(at, end);
      list.push(word === 'NULL' ? null : decode(word));
      at = end;
    }
  }
  return all[0] as JsonValue[];
}
