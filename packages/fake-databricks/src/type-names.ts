import type { Token } from './sql-tokens.ts';

/** Type names that differ in DuckDB, which knows `string`, `binary`, `int`, `decimal(p,s)` and the rest itself. */
const NAMES: Record<string, string> = {
  timestamp: 'timestamptz',
  timestamp_ltz: 'timestamptz',
  timestamp_ntz: 'timestamp',
};

const COMPLEX = ['array', 'map', 'struct'];

/** Whether a word begins a type that must be translated: `array<`, or a name from the list in a type's place. */
export function isTypeStart(word: string, previous: string, following: string): boolean {
  if (COMPLEX.includes(word)) return following === '<';
  if (!Object.hasOwn(NAMES, word)) return false;
  return ['as', '::'].includes(previous) || (/^[`\w]+$/.test(previous) && /^(?:,|\)|not)$/.test(following));
}

/** Translates the type at the start of the tokens; `length` says how many tokens it took. */
export function translateType(tokens: readonly Token[]): { text: string; length: number } {
  let at = 0;
  const peek = () => {
    while (tokens[at]?.kind === 'space') at++;
    return tokens[at]?.text.toLowerCase() ?? '';
  };
  const take = () => {
    peek();
    return tokens[at++]?.text ?? '';
  };
  const type = (): string => {
    const name = take();
    const lower = name.toLowerCase();
    if (!COMPLEX.includes(lower)) return (NAMES[lower] ?? name) + (peek() === '(' ? numbers() : '');
    take();
    if (lower === 'array') return `${type()}[]${close()}`;
    if (lower === 'map') {
      const key = type();
      take();
      return `map(${key}, ${type()})${close()}`;
    }
    const fields: string[] = [];
    while (peek() !== '>') {
      const field = take().replaceAll('`', '');
      if (peek() === ':') take();
      fields.push(`"${field}" ${type()}`);
      if (peek() === ',') take();
    }
    return `struct(${fields})${close()}`;
  };
  const close = () => {
    take();
    return '';
  };
  const numbers = () => {
    let text = '';
    do text += take();
    while (!text.endsWith(')'));
    return text;
  };
  const text = type();
  return { text, length: at };
}
