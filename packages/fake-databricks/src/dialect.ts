import { engineCatalog } from './engine.ts';
import { SqlError, syntaxError } from './sql-error.ts';
import { literal, stringValue, type Token, tokensOf } from './sql-tokens.ts';
import { isTypeStart, translateType } from './type-names.ts';

/** The parameters that a client sent, as text in DuckDB's dialect that yields their values. */
export interface Markers {
  named: ReadonlyMap<string, string>;
  ordinal: readonly string[];
}

/** Functions that only have another name in DuckDB. */
const RENAMED: Record<string, string> = {
  array: 'list_value',
  collect_list: 'list',
  current_database: 'current_schema',
  explode: 'unnest',
  nvl: 'coalesce',
  raise_error: 'error',
  rand: 'random',
  sequence: 'generate_series',
  size: 'len',
  unbase64: 'from_base64',
};

/** Calls that become another expression; the arguments are translated already. */
const REWRITTEN: Record<string, (args: readonly string[]) => string> = {
  current_catalog: () => `rtrim(current_catalog(), '$')`,
  current_timestamp: () => 'now()',
  current_user: () => `'tester@example.com'`,
  map: (args) => `map([${args.filter((_, i) => i % 2 === 0)}], [${args.filter((_, i) => i % 2 === 1)}])`,
  named_struct: (args) =>
    `struct_pack(${args.flatMap((name, i) => (i % 2 ? [] : [`"${name.trim().slice(1, -1)}" := ${args[i + 1]}`]))})`,
  string: ([arg]) => `cast(${arg} as varchar)`,
  struct: (args) => `struct_pack(${args.map((arg, i) => `col${i + 1} := ${arg}`)})`,
};

/**
 * Translates one statement from Databricks' dialect to DuckDB's: quoting, literals, type names and the few functions that
 * the tests use. Everything else passes unchanged.
 *
 * @throws {SqlError} at a second statement or a parameter without value.
 */
export function translate(statement: string, markers: Markers): string {
  return new Translation(statement, markers).text();
}

class Translation {
  readonly #statement: string;
  readonly #markers: Markers;
  readonly #tokens: Token[];
  #at = 0;
  #ordinal = 0;
  #previous = '';

  constructor(statement: string, markers: Markers) {
    this.#statement = statement;
    this.#markers = markers;
    this.#tokens = tokensOf(statement);
    while (this.#tokens.at(-1)?.kind === 'space' || this.#tokens.at(-1)?.text === ';') this.#tokens.pop();
  }

  text(): string {
    return this.#until([]).trim();
  }

  /** Translates up to one of the closing symbols at this depth, or to the end. */
  #until(closing: readonly string[]): string {
    let text = '';
    while (this.#at < this.#tokens.length) {
      const token = this.#tokens[this.#at] as Token;
      if (token.kind === 'symbol' && closing.includes(token.text)) break;
      text += this.#next(closing.length === 0);
    }
    return text;
  }

  #next(outermost: boolean): string {
    const token = this.#tokens[this.#at++] as Token;
    if (token.kind === 'space') return token.text.startsWith('/*') ? ' ' : token.text;
    const previous = this.#previous;
    this.#previous = token.text.toLowerCase();
    switch (token.kind) {
      case 'hex':
        return `from_hex(${token.text.slice(1)})`;
      case 'string':
        return literal(stringValue(token.text));
      case 'quoted':
        if (token.text === '`main`' && this.#isCatalog(previous)) return `"${engineCatalog('main')}"`;
        return `"${token.text.slice(1, -1).replaceAll('``', '`').replaceAll('"', '""')}"`;
      case 'number':
        return numberText(token.text);
      case 'parameter':
        return this.#parameter(token);
      case 'word':
        return this.#word(token, previous, outermost);
      default:
        return this.#symbol(token);
    }
  }

  #symbol(token: Token): string {
    if (token.text === ';') throw syntaxError(';', this.#statement, token.at);
    const close = { '(': ')', '[': ']' }[token.text];
    if (close !== undefined) {
      const inner = this.#until([close]);
      return `${token.text}${inner}${this.#tokens[this.#at++]?.text ?? ''}`;
    }
    if (token.text === '<=>') return ' is not distinct from ';
    if (token.text === '==') return '=';
    if (token.text === '/' && /^\s*0(?![\d.])/.test(this.#statement.slice(token.at + 1))) {
      return `/ error('DIVIDE_BY_ZERO')::int + `;
    }
    return token.text;
  }

  #word(token: Token, previous: string, outermost: boolean): string {
    const word = token.text.toLowerCase();
    const following = this.#following();
    if (
      word === 'null' &&
      outermost &&
      ['select', ','].includes(previous) &&
      ['', ',', 'as', 'from'].includes(following)
    ) {
      return 'cast(null as void)';
    }
    if (word === 'main' && this.#isCatalog(previous)) return `"${engineCatalog(word)}"`;
    if (word === 'interval') return this.#interval() ?? token.text;
    if (word === 'timestamp' && /^r?['"]/.test(following)) return 'timestamptz';
    if (word === 'timestamp_ntz' && /^r?['"]/.test(following)) return 'timestamp';
    if (word === 'using' && following === 'delta') {
      this.#skip();
      return '';
    }
    if (isTypeStart(word, previous, following)) {
      const rest = this.#tokens.slice(this.#at - 1);
      const { text, length } = translateType(rest);
      this.#at += length - 1;
      return text;
    }
    if (following !== '(') return word === 'div' ? '//' : token.text;
    if (word === 'range' && ['from', ',', 'join'].includes(previous)) {
      const bounds = this.#arguments().map((bound) => `cast(${bound} as bigint)`);
      return `(select range as id from range(${bounds}))`;
    }
    if (word === 'void' || !Object.hasOwn(REWRITTEN, word)) return RENAMED[word] ?? token.text;
    return (REWRITTEN[word] as (args: readonly string[]) => string)(this.#arguments());
  }

  #parameter(token: Token): string {
    const name = token.text.slice(1);
    const text = name === '' ? this.#markers.ordinal[this.#ordinal++] : this.#markers.named.get(name);
    if (text !== undefined) return text;
    const what = name === '' ? `_${token.at}` : name;
    throw new SqlError(
      'UNBOUND_SQL_PARAMETER',
      '42P02',
      `Found the unbound parameter: ${what}. Please, fix \`args\` and provide a mapping of the parameter to either a ` +
        `SQL literal or collection constructor functions such as \`map()\`, \`array()\`, \`struct()\`. SQLSTATE: 42P02`,
    );
  }

  /** `interval '1-2' year to month` and `interval '1 02:03:04.5' day to second`; undefined for other forms. */
  #interval(): string | undefined {
    const rest = this.#statement.slice(this.#tokens[this.#at]?.at ?? this.#statement.length);
    const found = rest.match(/^\s*'(-?)(?:(\d+)-(\d+)'\s+year\s+to\s+month|(\d+) ([\d:.]+)'\s+day\s+to\s+second)\b/i);
    if (!found) return undefined;
    const [all, sign, years, months, days, time] = found;
    const end = (this.#tokens[this.#at]?.at ?? 0) + all.length;
    while ((this.#tokens[this.#at]?.at ?? end) < end) this.#at++;
    if (days === undefined) return `interval '${sign}${Number(years) * 12 + Number(months)} months'`;
    return `interval '${sign}${days} days ${sign}${time}'`;
  }

  /** The translated arguments of a call whose name has just been read. */
  #arguments(): string[] {
    this.#skip();
    const args: string[] = [];
    for (;;) {
      const arg = this.#until([',', ')']);
      if (arg.trim() !== '') args.push(arg.trim());
      if (this.#tokens[this.#at++]?.text !== ',') return args;
    }
  }

  /** Whether the name just read, after `previous`, is the first of three. */
  #isCatalog(previous: string): boolean {
    const rest = this.#statement.slice(this.#tokens[this.#at]?.at ?? this.#statement.length);
    return previous !== '.' && /^\s*\.\s*[`\w]+\s*\.\s*[`\w]/.test(rest);
  }

  /** The next token's text in lower case, '' at the end. */
  #following(): string {
    return this.#tokens.find((token, i) => i >= this.#at && token.kind !== 'space')?.text.toLowerCase() ?? '';
  }

  /** Moves behind the next token that is no space. */
  #skip(): void {
    while (this.#tokens[this.#at]?.kind === 'space') this.#at++;
    this.#at++;
  }
}

function numberText(text: string): string {
  const found = text.match(/^(.*?)(bd|[lsydf])$/i);
  if (!found) return text;
  const types: Record<string, string> = { l: 'bigint', s: 'smallint', y: 'tinyint', d: 'double', f: 'float' };
  const type = types[(found[2] as string).toLowerCase()];
  return type ? `cast(${found[1]} as ${type})` : (found[1] as string);
}
