const QUOTE_OR_BACKSLASH = /["\\]/g;

export interface QuotedText {
  value: string;
  /** Behind the closing quote. */
  end: number;
}

/**
 * Reads the text after an opening quote in an array, composite or hstore: a backslash escapes any character, and in
 * composites a quote is doubled. In linear time and without recursion: such texts can be as long as a row.
 */
export function readQuoted(text: string, start: number): QuotedText {
  let value = '';
  let at = start;
  for (;;) {
    QUOTE_OR_BACKSLASH.lastIndex = at;
    const found = QUOTE_OR_BACKSLASH.exec(text)?.index ?? text.length;
    value += text.slice(at, found);
    const isEscape = text[found] === '\\' || text[found + 1] === '"';
    if (found === text.length || !isEscape) return { value, end: found + 1 };
    value += text[found + 1] ?? '';
    at = found + 2;
  }
}
