/** A piece of a statement. Spaces and comments are tokens too, so that joining all texts gives the statement again. */
export interface Token {
  kind: 'space' | 'string' | 'hex' | 'quoted' | 'number' | 'word' | 'parameter' | 'symbol';
  text: string;
  /** Offset in the statement. */
  at: number;
}

const PATTERNS: readonly [Token['kind'], RegExp][] = [
  ['space', /\s+|--[^\n]*|\/\*[\s\S]*?\*\//y],
  ['hex', /x'[0-9a-f]*'/iy],
  ['string', /r'[^']*'|r"[^"]*"|'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"/iy],
  ['quoted', /`(?:[^`]|``)*`/y],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:bd|[lsydf])?\b/iy],
  ['word', /[a-z_][\w$]*/iy],
  ['parameter', /\?|(?<![:\w)\]]):[a-z_]\w*/iy],
  ['symbol', /::|<=>|<=|>=|<>|!=|==|\|\||->|=>|[\s\S]/y],
];

/** Cuts a statement in Databricks' dialect into tokens. */
export function tokensOf(statement: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < statement.length; ) {
    for (const [kind, pattern] of PATTERNS) {
      pattern.lastIndex = at;
      const found = pattern.exec(statement);
      if (!found) continue;
      tokens.push({ kind, text: found[0], at });
      at = pattern.lastIndex;
      break;
    }
  }
  return tokens;
}

/** The text of a string literal of Databricks: backslash escapes unless it is raw. */
export function stringValue(literal: string): string {
  if (/^r/i.test(literal)) return literal.slice(2, -1);
  const quote = literal[0] as string;
  const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', 0: '\0', '%': '\\%', _: '\\_' };
  return literal
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .replace(/\\(?:u([0-9a-f]{4})|([\s\S]))/gi, (_, code: string | undefined, char: string) =>
      code ? String.fromCharCode(Number.parseInt(code, 16)) : (escapes[char] ?? char),
    );
}

/** Text as a string literal of DuckDB. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
