import { scan, type TextRules } from './scan.ts';

/** The first tokens of a statement: words in lower case, all others as empty strings. Without semicolons before them. */
export function firstWords(query: string, rules: TextRules, count: number): string[] {
  const found: string[] = [];
  for (const token of scan(query, rules)) {
    if (token.kind === 'symbol' && token.text === ';' && found.length === 0) continue;
    found.push(token.kind === 'word' ? token.text.toLowerCase() : '');
    if (found.length === count) break;
  }
  return found;
}
