const QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Where a number, true, false or null ends. */
const END_OF_PLAIN = /[\s,}\]]/g;

/**
 * The members of a JSON object, each with the exact text of its value: numbers keep digits that a JavaScript number cannot
 * hold, and what is only passed on is not parsed.
 *
 * @param text valid JSON, as our own programs write it; its other content is not checked.
 * @throws SyntaxError when it holds no object, or breaks off.
 */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let at = afterSpace(text, 0);
  if (text[at] !== '{') throw new SyntaxError('This is not a JSON object');
  at = afterSpace(text, at + 1);
  while (text[at] === '"') {
    const endOfName = endOfString(text, at);
    const begin = afterSpace(text, afterSpace(text, endOfName) + 1);
    const end = endOfValue(text, begin);
    members.set(JSON.parse(text.slice(at, endOfName)), text.slice(begin, end));
    at = afterSpace(text, end);
    if (text[at] === ',') at = afterSpace(text, at + 1);
  }
  if (text[at] !== '}') throw new SyntaxError('This JSON object does not end');
  return members;
}

/** The text of an object with these members. */
export function objectOf(members: Iterable<readonly [name: string, value: string]>): string {
  return `{${Array.from(members, ([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

function endOfValue(text: string, begin: number): number {
  const first = text[begin];
  if (first === '"') return endOfString(text, begin);
  if (first === '{' || first === '[') return endOfNested(text, begin);
  END_OF_PLAIN.lastIndex = begin;
  const end = END_OF_PLAIN.exec(text)?.index;
  if (end === undefined || end === begin) throw new SyntaxError('A JSON value does not end');
  return end;
}

/** By character codes: these are the rows of a result, perhaps several megabytes. */
function endOfNested(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at) - 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new SyntaxError('A JSON value does not end');
}

function endOfString(text: string, begin: number): number {
  for (let end = text.indexOf('"', begin + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslash = end;
    while (text[backslash - 1] === '\\') backslash -= 1;
    if ((end - backslash) % 2 === 0) return end + 1;
  }
  throw new SyntaxError('A JSON string does not end');
}

function afterSpace(text: string, begin: number): number {
  let at = begin;
  while (at < text.length && ' \t\r\n'.includes(text[at] as string)) at += 1;
  return at;
}
