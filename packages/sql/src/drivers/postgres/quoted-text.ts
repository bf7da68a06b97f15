const QUOTE_OR_BACKSLASH = /["\\]/g;

export interface QuotedText {
  value: string;
  /** Behind the closing quote. */
  end: number;
}

/**
 * Reads on behind an opening quote, as arrays, composites and hstores have them: a backslash stands before any character that
 * is meant as such, and in composites a quote is doubled. In time that grows with the length, and without recursion: such
 * texts can be as long as a row.
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
