import { isJsonObject } from './json.ts';

/** A longer `query_id` is refused. */
export const MAX_QUERY_ID_LENGTH = 1000;

/** Leaves room, within the 255 bytes of a file name, for what the inbox adds. */
const MAX_NAME_BYTES = 200;

/**
 * The name of the runs of a file that is dropped into the inbox: that of its result file, and what `taskwire result` finds
 * the latest one by. `/`, `\` and control characters become `_`, and so does a dot at the beginning; what is longer than 200
 * bytes of UTF-8 is cut.
 *
 * @param given the `query_id` or `task_id` in the file, or else the name of the file without `.json`; not empty.
 */
export function runNameOf(given: string): string {
  const name = given
    .toWellFormed()
    .replace(/[/\\\p{Cc}]/gu, '_')
    .replace(/^\./, '_');
  const bytes = Buffer.from(name);
  if (bytes.length <= MAX_NAME_BYTES) return name;
  // A character that is cut in the middle becomes U+FFFD.
  return bytes
    .subarray(0, MAX_NAME_BYTES)
    .toString()
    .replace(/\ufffd+$/, '');
}

/**
 * What a file calls its runs, and whether it is whole: JSON, in an encoding that begins as ASCII does.
 *
 * @param bytes its content, or parts of that; what is no JSON is searched for its first `query_id` or `task_id`.
 * @param fileName for a file that names nothing, without `.json`.
 */
export function givenName(bytes: Uint8Array, fileName: string): { name: string; isJson: boolean } {
  const encoding = encodingOf(bytes);
  // Without its byte order mark.
  const text = new TextDecoder(encoding).decode(bytes);
  const message = parsed(text);
  const name = idIn(message, text)?.slice(0, MAX_QUERY_ID_LENGTH) || fileName;
  return { name, isJson: message !== undefined && encoding === 'utf-8' };
}

/** `utf-16le`, `utf-16be`: by a byte order mark, or by every other byte of ASCII. */
export function encodingOf([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if ((first === 0xff && second === 0xfe) || second === 0) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || first === 0 ? 'utf-16be' : 'utf-8';
}

function idIn(message: unknown, text: string): string | undefined {
  if (isJsonObject(message)) {
    const { query_id, task_id, task_type } = message;
    const id = typeof task_type === 'string' ? (task_id ?? query_id) : (query_id ?? task_id);
    // Of other numbers only the text has all digits.
    if (typeof id !== 'number' || Number.isSafeInteger(id)) return isName(id) ? String(id) : undefined;
  }
  const [, literal = ''] = /"(?:query_id|task_id)"\s*:\s*("(?:[^"\\\n]|\\.)*"|-?\d[\d.eE+-]*)/.exec(text) ?? [];
  const id = literal.startsWith('"') ? parsed(literal) : literal;
  return isName(id) ? String(id) : undefined;
}

function isName(id: unknown): boolean {
  return typeof id === 'string' || typeof id === 'number';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
