/** How an engine writes strings, identifiers and comments. */
export interface TextRules {
  /** `"…"` is an identifier (the standard), or a string. */
  doubleQuotes: 'identifier' | 'string';
  /** Whether `` `…` `` is an identifier. */
  backticks: boolean;
  /** Whether a backslash escapes the next character in a string: always, or in `E'…'` only. */
  backslashes: 'always' | 'in E strings';
  /** Whether `r'…'` is a string in which a backslash is a backslash. */
  rawStrings: boolean;
  /** Whether `$tag$ … $tag$` is a string. */
  dollarQuotes: boolean;
  /** Whether a comment after `--` goes on in the next line when its last character is a backslash. */
  continuedComments: boolean;
  /** Whether `/*+` begins a hint: tokens, and no comment. Within a comment it is nothing. */
  hints: boolean;
}

export type Token =
  /** A bare word: a key word or an identifier. */
  | { kind: 'word'; text: string; start: number; end: number }
  /** `?`, `$1` or `$name`. An empty name is `?`. */
  | { kind: 'placeholder'; name: string; start: number; end: number }
  /** `??`: the operator `?`, where the engine has one. */
  | { kind: 'question mark'; start: number; end: number }
  | { kind: 'quoted'; start: number; end: number }
  | { kind: 'symbol'; text: string; start: number; end: number };

/** Beyond ASCII everything but white space is a letter, as in Postgres: also `🦆`. */
const WORD = /(?:[A-Za-z_]|(?!\s)[\u0080-\uffff])(?:[\w$]|(?!\s)[\u0080-\uffff])*/y;
const NUMBER = /\d(?:[\w.]|(?!\s)[\u0080-\uffff])*/y;
const PLACEHOLDER = /\$(\d+|[\p{L}_][\p{L}\p{N}_]*)/uy;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const CONTINUED_COMMENT = /--(?:\\\n|[^\n\r])*/y;
const HINT_EDGE = /\/\*\+|\*\//y;
const SPACE = /\s+/y;
/** Between the parts of a string: a line end, with blanks and comments around it. */
const CONTINUED = /(?:[^\S\n\r]|--[^\n\r]*)*[\n\r](?:\s|--[^\n\r]*[\n\r])*'/y;

/**
 * The tokens of a SQL text, without white space and comments. It knows just enough to tell what is inside a string, an
 * identifier or a comment; the engine checks whether the text is SQL. Without its end, a string or comment goes to the end.
 */
export function* scan(text: string, rules: TextRules): Generator<Token, void> {
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const start = at;
    const character = text[at] as string;
    const blank = match(SPACE) ?? match(rules.continuedComments ? CONTINUED_COMMENT : LINE_COMMENT);
    if (blank) {
      at += blank[0].length;
      continue;
    }
    const hintEdge = rules.hints ? match(HINT_EDGE) : null;
    if (hintEdge) {
      at += hintEdge[0].length;
      yield { kind: 'symbol', text: hintEdge[0], start, end: at };
      continue;
    }
    if (text.startsWith('/*', at)) {
      at = endOfComment(text, at, rules);
      continue;
    }
    const stringAt = startOfString(text, at, rules);
    if (stringAt) {
      at = endOfQuoted(text, stringAt.quoteAt, stringAt.form);
      // `E'…'` goes on in a string on the next line, which needs no E of its own.
      for (let more = stringAt.form === 'escaped' ? match(CONTINUED) : null; more; more = match(CONTINUED)) {
        at = endOfQuoted(text, at + more[0].length - 1, 'escaped');
      }
      yield { kind: 'quoted', start, end: at };
      continue;
    }
    if ((character === '"' && rules.doubleQuotes === 'identifier') || (character === '`' && rules.backticks)) {
      at = endOfQuoted(text, at, 'plain');
      yield { kind: 'quoted', start, end: at };
      continue;
    }
    const dollars = rules.dollarQuotes ? match(DOLLAR_QUOTE) : null;
    if (dollars) {
      const close = text.indexOf(dollars[0], at + dollars[0].length);
      at = close === -1 ? text.length : close + dollars[0].length;
      yield { kind: 'quoted', start, end: at };
      continue;
    }
    const word = match(WORD);
    if (word) {
      at += word[0].length;
      yield { kind: 'word', text: word[0], start, end: at };
      continue;
    }
    const placeholder = match(PLACEHOLDER);
    if (placeholder) {
      at += placeholder[0].length;
      yield { kind: 'placeholder', name: placeholder[1] as string, start, end: at };
      continue;
    }
    if (character === '?') {
      const isOperator = text[at + 1] === '?';
      at += isOperator ? 2 : 1;
      yield isOperator ? { kind: 'question mark', start, end: at } : { kind: 'placeholder', name: '', start, end: at };
      continue;
    }
    at += match(NUMBER)?.[0].length ?? 1;
    yield { kind: 'symbol', text: text.slice(start, at), start, end: at };
  }
}

/** Comments can be nested, in Postgres and in Spark. */
function endOfComment(text: string, start: number, { hints }: TextRules): number {
  const edge = hints ? /\/\*(?!\+)|\*\//g : /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 0;
  for (let found = edge.exec(text); found; found = edge.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return text.length;
}

/** In a raw one, a doubled quote ends it all the same. */
type StringForm = 'plain' | 'escaped' | 'raw';

function startOfString(text: string, at: number, rules: TextRules): { quoteAt: number; form: StringForm } | undefined {
  const isQuote = (index: number) => text[index] === "'" || (text[index] === '"' && rules.doubleQuotes === 'string');
  if (isQuote(at)) return { quoteAt: at, form: rules.backslashes === 'always' ? 'escaped' : 'plain' };
  if (!isQuote(at + 1)) return undefined;
  const prefix = text[at]?.toLowerCase();
  if (prefix === 'e' && rules.backslashes === 'in E strings') return { quoteAt: at + 1, form: 'escaped' };
  if (prefix === 'r' && rules.rawStrings) return { quoteAt: at + 1, form: 'raw' };
  return undefined;
}

/** Behind the closing quote. A doubled one is one quote, or two strings side by side: the text goes on either way. */
function endOfQuoted(text: string, quoteAt: number, form: StringForm): number {
  const quote = text[quoteAt];
  for (let at = quoteAt + 1; at < text.length; at += 1) {
    const isEscape = form === 'escaped' && text[at] === '\\';
    const isDoubled = form !== 'raw' && text[at] === quote && text[at + 1] === quote;
    if (isEscape || isDoubled) at += 1;
    else if (text[at] === quote) return at + 1;
  }
  return text.length;
}
