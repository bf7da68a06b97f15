import type { Token } from '../../text/scan.ts';

/** They run what is no SQL: methods of Java; a request to another server, which may change something there. */
const RUNNING = new Set(['REFLECT', 'TRY_REFLECT', 'JAVA_METHOD', 'HTTP_REQUEST']);
/** Their third argument can name a file, or an address to be fetched. */
const OPENING = new Set(['FROM_XML', 'FROM_PROTOBUF', 'TO_PROTOBUF', 'FROM_AVRO', 'TO_AVRO']);
const BEHIND_USING = ['(', ')', ',', '`'];
/** No name has one. `$$` quotes strings, in some places. */
const UNREADABLE = /\$|[^\p{ASCII}\p{L}]/u;

/** What makes it uncertain that a statement only reads, whatever its kind; undefined if nothing does. */
export function doubtAbout(tokens: readonly Token[], text: string): string | undefined {
  /** Of each open parenthesis, the word before it. */
  const open: string[] = [];
  const commas: number[] = [];
  for (const [index, token] of tokens.entries()) {
    const [before, next] = [tokens[index - 1], tokens[index + 1]];
    if (UNREADABLE.test(textOf(token))) {
      return `refuses ${JSON.stringify(textOf(token))} outside of quotes, which no name can have`;
    }
    if (isSymbol(token, '/*+') && wordOf(before) !== 'SELECT' && !isSymbol(before, '*/')) {
      return 'refuses hints (/*+ … */) but for those right behind SELECT';
    }
    const isGlued = token.kind === 'quoted' && before?.end === token.start && before.kind !== 'word';
    if (isGlued && /[\dr]/i.test(text[before.start] ?? '')) return "refuses quotes right behind a number or r'…'";
    if (keywordOf(token) === 'USING' && mayBeProgram(next, text)) return 'refuses USING with a program';
    if (isSymbol(token, '(')) {
      open.push(nameOf(before, text));
      commas.push(0);
    }
    if (isSymbol(token, ',')) commas.push((commas.pop() ?? 0) + 1);
    const called = isSymbol(token, ')') ? open.pop() : undefined;
    const isLong = called !== undefined && (commas.pop() ?? 0) > 1;
    if (isLong && OPENING.has(called)) return `refuses the options of ${called.toLowerCase()}, which can name files`;
    const isNamed = called === 'IDENTIFIER';
    if (!isSymbol(next, '(')) continue;
    if (isNamed) return 'refuses functions that IDENTIFIER(…) names';
    const name = nameOf(token, text);
    if (RUNNING.has(name)) return `refuses the function ${name.toLowerCase()}, which can do anything`;
  }
  return undefined;
}

/** Of a function that may be called, in capitals. */
function nameOf(token: Token | undefined, text: string): string {
  return token?.kind === 'quoted' ? text.slice(token.start + 1, token.end - 1).toUpperCase() : wordOf(token);
}

/** What runs a program is a string or a parameter; in JOIN, MERGE and behind a column other things come. */
function mayBeProgram(token: Token | undefined, text: string): boolean {
  return token !== undefined && token.kind !== 'word' && !BEHIND_USING.includes(text[token.start] ?? '');
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

/** Empty for what is neither a word nor a symbol. */
export function textOf(token: Token | undefined): string {
  return token && 'text' in token ? token.text : '';
}

/** In capitals; empty for what is no word. */
export function wordOf(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text.toUpperCase() : '';
}

/** The same, also of one that a number comes before without a blank: `1e+5INSERT`. */
export function keywordOf(token: Token): string {
  return textOf(token).toUpperCase().replace(/^\d+/, '');
}
