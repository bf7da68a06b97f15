import { type Token, tokensOf } from './sql-tokens.ts';

/** What DuckDB says about a failed statement when `errors_as_json` is set. */
export interface EngineError {
  /** As DuckDB writes it without JSON: `Parser Error: syntax error at …`. */
  message: string;
  /** Where in the text sent to it: in characters for the parser, in bytes of UTF-8 for later stages. */
  position: { at: number; unit: 'characters' | 'bytes' } | undefined;
}

interface Said {
  exception_type: string;
  exception_message: string;
  position?: string;
}

/** Reads what the engine has thrown, JSON or not. */
export function readEngineError(cause: unknown): EngineError {
  const text = cause instanceof Error ? cause.message : String(cause);
  try {
    const said: Said = JSON.parse(text.slice(text.indexOf('{')));
    const { exception_type: type, exception_message: message, position } = said;
    const unit = type === 'Parser' ? 'characters' : 'bytes';
    return {
      message: `${type} Error: ${message}`,
      position: position === undefined ? undefined : { at: Number(position), unit },
    };
  } catch {
    return { message: text, position: undefined };
  }
}

/**
 * Where in a client's statement the engine found a fault: at the same word, counted from the start.
 *
 * @param sql the statement's translation, to which the position belongs.
 * @returns an offset in the statement; undefined when the translation added the word.
 */
export function originalOffset(
  statement: string,
  sql: string,
  { at, unit }: NonNullable<EngineError['position']>,
): number | undefined {
  const before = unit === 'bytes' ? Buffer.from(sql).subarray(0, at).toString() : [...sql].slice(0, at).join('');
  const offset = before.length;
  const translated = wordsOf(sql);
  const found = translated.findLast((token) => token.at <= offset);
  if (!found) return undefined;
  const isSame = (token: Token) => token.text === found.text;
  const nth = translated.filter((token) => token.at < found.at && isSame(token)).length;
  return wordsOf(statement).filter(isSame)[nth]?.at;
}

/** The tokens without spaces, quotes and case, in which the two dialects differ. */
function wordsOf(text: string): Token[] {
  return tokensOf(text)
    .filter(({ kind }) => kind !== 'space')
    .map((token) => ({ ...token, text: token.text.replace(/^(["'`])([\s\S]*)\1$/, '$2').toLowerCase() }));
}
