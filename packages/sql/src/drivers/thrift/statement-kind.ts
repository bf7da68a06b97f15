import { DATABRICKS_TEXT } from '../../text/rules.ts';
import { scan, type Token } from '../../text/scan.ts';

/**
 * - `query`: returns rows, and does nothing else
 * - `showing`: shows something that is no table, as `SHOW TABLES` and `EXPLAIN`
 * - `writing`: is known to do something else, or is not understood
 * - `unknown`: begins with a word that begins no known statement: most likely a typo
 */
export type StatementKind = 'empty' | 'several' | 'query' | 'showing' | 'writing' | 'unknown';

export interface Statement {
  readonly kind: StatementKind;
  /** Without the semicolons after it, and what comments come then. */
  readonly text: string;
}

/** Statements that only show something. What follows needs no look: no other statement can stand in them. */
const SHOWING = new Set(['SHOW', 'DESCRIBE', 'DESC', 'LIST']);
const QUERIES = new Set(['SELECT', 'VALUES', 'TABLE']);
/** https://docs.databricks.com/aws/en/sql/language-manual/ and Spark's grammar */
const OTHERS = new Set(
  (
    'ADD ALTER ANALYZE BEGIN CACHE CALL CLEAR CLONE COMMENT COMMIT CONVERT COPY CREATE DECLARE DELETE DENY DFS DROP ' +
    'EXECUTE EXPORT FSCK GENERATE GET GRANT IF IMPORT INSERT LOAD LOCK MAP MERGE MSCK OPTIMIZE PUT RECOVER REDUCE REFRESH ' +
    'REMOVE REORG REPAIR REPLACE RESET RESTORE REVOKE ROLLBACK SET START SYNC TRUNCATE UNCACHE UNDO UNDROP UNLOCK UNSET ' +
    'UPDATE UPSERT USE VACUUM'
  ).split(' '),
);
/** Behind these, not only a query can come. */
const MAY_WRITE = new Set(['WITH', 'FROM']);
const PLAIN_HINTS = /^(?:\s*\/\*\+[\w\s,().]*\*\/)+\s*$/;
/** What can name a program behind USING. */
const PROGRAM: readonly (Token['kind'] | undefined)[] = ['quoted', 'placeholder'];
const EXPLAIN_MODES = new Set(['LOGICAL', 'FORMATTED', 'EXTENDED', 'CODEGEN', 'COST']);

/**
 * What a text asks for, as far as its words tell.
 *
 * Databricks has no read-only mode: a read-only connection relies on this check and on the rights of its token. The check
 * sees the kind of the statement, not what a called function does.
 */
export function statementIn(text: string): Statement {
  const tokens = [...scan(text, DATABRICKS_TEXT)];
  const first = tokens.findIndex((token) => !isSymbol(token, ';'));
  if (first === -1) return { kind: 'empty', text };
  // A body of several statements belongs to one CREATE PROCEDURE, or to one BEGIN … END.
  if (['BEGIN', 'CREATE'].includes(wordOf(tokens[first]))) return { kind: 'writing', text };
  const end = tokens.findIndex((token, index) => index > first && isSymbol(token, ';'));
  if (tokens.slice(end).some((token) => end !== -1 && !isSymbol(token, ';'))) return { kind: 'several', text };
  const statement = tokens.slice(first, end === -1 ? undefined : end);
  const kind = isPlain(text, tokens) || !MAY_WRITE.has(wordOf(tokens[first])) ? kindOf(statement) : 'writing';
  return { kind, text: end === -1 ? text : text.slice(0, tokens[end]?.start) };
}

/** Whether Spark surely reads the same tokens in it as we do; rare syntax that may differ is refused. */
function isPlain(text: string, tokens: readonly Token[]): boolean {
  // Spark replaces `${name}` by settings before it reads anything. `$$` quotes strings, in some places.
  if (text.includes('${') || tokens.some((token) => 'text' in token && token.text.includes('$'))) return false;
  // A hint is no comment to Spark: there may be strings and comments in it, and within a comment it is none.
  return tokens.every((token, index) => {
    const gap = text.slice(tokens[index - 1]?.end ?? 0, token.start);
    return !gap.includes('/*+') || PLAIN_HINTS.test(gap);
  });
}

function kindOf(tokens: readonly Token[]): StatementKind {
  const first = wordOf(tokens[0]);
  // `SELECT TRANSFORM(a) USING 'a script'`: the one kind of query that runs a program.
  if (tokens.some((token, index) => wordOf(token) === 'USING' && PROGRAM.includes(tokens[index + 1]?.kind)))
    return 'writing';
  // In parentheses there can only be a query.
  if (QUERIES.has(first) || isSymbol(tokens[0], '(')) return 'query';
  if (SHOWING.has(first)) return 'showing';
  if (first === 'EXPLAIN') {
    const explained = kindOf(tokens.slice(EXPLAIN_MODES.has(wordOf(tokens[1])) ? 2 : 1));
    return explained === 'writing' ? 'writing' : 'showing';
  }
  // `FROM t INSERT OVERWRITE TABLE u SELECT a`
  if (first === 'FROM') return insertsSomewhere(tokens) ? 'writing' : 'query';
  // `WITH a AS (…) INSERT INTO t …`
  if (first === 'WITH') {
    const body = afterCommonTables(tokens);
    return body && wordOf(body[0]) !== 'WITH' && kindOf(body) === 'query' ? 'query' : 'writing';
  }
  return OTHERS.has(first) ? 'writing' : 'unknown';
}

/**
 * Whether the word is in it, outside of quotes: what may follow it changes (`INSERT WITH SCHEMA EVOLUTION INTO`), and it need
 * not stand apart (`1e5INSERT INTO`). A column of that name is written in backticks.
 */
function insertsSomewhere(tokens: readonly Token[]): boolean {
  return tokens.some((token) => 'text' in token && /insert$/i.test(token.text));
}

/**
 * What follows `WITH a AS (…), b (x, y) AS (…)`; undefined when this cannot be told.
 *
 * Names may be words such as INSERT; so it is the parentheses that tell where a common table ends.
 */
function afterCommonTables(tokens: readonly Token[]): readonly Token[] | undefined {
  let at = wordOf(tokens[1]) === 'RECURSIVE' && !isSymbol(tokens[2], '(') && wordOf(tokens[2]) !== 'AS' ? 2 : 1;
  for (;;) {
    const name = tokens[at];
    if (name?.kind !== 'word' && name?.kind !== 'quoted') return undefined;
    at += 1;
    // A quote within a name comes as two names side by side.
    while (tokens[at]?.kind === 'quoted' && tokens[at]?.start === tokens[at - 1]?.end) at += 1;
    const columns = isSymbol(tokens[at], '(') ? behindParentheses(tokens, at) : at;
    if (columns === undefined) return undefined;
    at = behindRecursionLevel(tokens, columns);
    if (wordOf(tokens[at]) === 'AS') at += 1;
    // Without AS, and without columns before it, the parentheses that were read are the query itself.
    if (isSymbol(tokens[at], '(')) {
      const behind = behindParentheses(tokens, at);
      if (behind === undefined) return undefined;
      at = behind;
    }
    if (!isSymbol(tokens[at], ',')) return tokens.slice(at);
    at += 1;
  }
}

/** `MAX RECURSION LEVEL 5` */
function behindRecursionLevel(tokens: readonly Token[], at: number): number {
  const words = [0, 1, 2].map((offset) => wordOf(tokens[at + offset])).join(' ');
  return words === 'MAX RECURSION LEVEL' ? at + 4 : at;
}

function behindParentheses(tokens: readonly Token[], start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < tokens.length; at += 1) {
    if (isSymbol(tokens[at], '(')) depth += 1;
    if (isSymbol(tokens[at], ')')) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

/** In capitals; empty for what is no word. */
function wordOf(token: Token | undefined): string {
  return token?.kind === 'word' ? token.text.toUpperCase() : '';
}
