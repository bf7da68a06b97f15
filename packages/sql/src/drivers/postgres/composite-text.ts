import { readQuoted } from './quoted-text.ts';

const END_OF_FIELD = /[,)]/g;

/**
 * The fields of `(1,"a ""b""",)`, as the server writes composites and records. Bare and empty is NULL.
 *
 * https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX
 */
export function parseComposite(text: string): (string | null)[] {
  const fields: (string | null)[] = [];
  let at = 1;
  while (at < text.length) {
    if (text[at] === '"') {
      const { value, end } = readQuoted(text, at + 1);
      fields.push(value);
      at = end + 1;
    } else {
      END_OF_FIELD.lastIndex = at;
      const end = END_OF_FIELD.exec(text)?.index ?? text.length;
      fields.push(end === at ? null : text.slice(at, end));
      at = end + 1;
    }
  }
  return fields;
}
