import { DATABRICKS_TEXT } from '../../text/rules.ts';
import { scan, type Token } from '../../text/scan.ts';
import { doubtAbout, isSymbol, keywordOf, textOf, wordOf } from './statement-doubt.ts';

/**
 * - `query`: returns rows, and does nothing else
 * - `showing`: shows something that is no table, as `SHOW TABLES` and `EXPLAIN`
 * - `changing`: changes rows, and leaves nothing else behind: INSERT, UPDATE, DELETE, MERGE
 * - `moving`: moves files between the workspace and the disk of the client
 * - `writing`: is known to do something else, or is not understood
 * - `unknown`: begins with a word that begins no known statement: most likely a typo
 */
export type StatementKind = 'empty' | 'several' | 'query' | 'showing' | 'changing' | 'moving' | 'writing' | 'unknown';

export function isReading(kind: StatementKind): boolean {
  return kind === 'query' || kind === 'showing';
}

export interface Statement {
  readonly kind: StatementKind;
  /** Without the semicolons after it, and what comments come then. */
  readonly text: string;
  /** The same with blanks for comments, so that nobody can read them otherwise than we do. Places stay the same. */
  readonly plainText: string;
  /** Whether each parenthesis has its other half, so that it can stand in another one. */
  readonly isClosed?: boolean;
  /** Why a statement that may read is not known to. */
  readonly doubt?: string | undefined;
}

/** By their first words: https://docs.databricks.com/aws/en/sql/language-manual/ and Spark's grammar */
const WORDS: Partial<Record<StatementKind, string>> = {
  query: 'SELECT VALUES TABLE',
  showing: 'SHOW DESCRIBE DESC LIST',
  changing: 'INSERT UPDATE DELETE MERGE',
  moving: 'PUT GET REMOVE',
  writing:
    'ADD ALTER ANALYZE BEGIN CACHE CALL CLEAR CLONE COMMENT COMMIT CONVERT COPY CREATE DECLARE DENY DFS DROP ' +
    'EXECUTE EXPORT FSCK GENERATE GRANT IF IMPORT LOAD LOCK MAP MSCK OPTIMIZE RECOVER REDUCE REFRESH ' +
    'REORG REPAIR REPLACE RESET RESTORE REVOKE ROLLBACK SET START SYNC TRUNCATE UNCACHE UNDO UNDROP UNLOCK UNSET ' +
    'UPSERT USE VACUUM LOGICAL FORMATTED EXTENDED CODEGEN COST',
};
const KINDS = new Map(
  Object.entries(WORDS).flatMap(([kind, words]) => words.split(' ').map((word) => [word, kind as StatementKind])),
);
const EXPLAIN_MODES = new Set(['LOGICAL', 'FORMATTED', 'EXTENDED', 'CODEGEN', 'COST']);
const REPLACED = 'refuses `${`, which the server replaces before it reads a statement';
/** Behind a parenthesis, what goes on with common tables: `a (x) AS (…), b (x) MAX RECURSION LEVEL 5 AS (…)`. */
const MORE_TABLES = /^(?:[,)]|AS|MAX)$/i;
/** What goes on with a query in parentheses. */
const MORE_QUERY = /^(?:UNION|INTERSECT|EXCEPT|MINUS|ORDER|CLUSTER|DISTRIBUTE|SORT|WINDOW|LIMIT|OFFSET|\|)$/i;

/**
 * What a text asks for, as far as its words tell. `substitutes`: the server replaces `${name}` before it reads anything.
 *
 * Neither Databricks nor Spark has a read-only mode: a read-only connection relies on this check and on the rights of its
 * user. The check sees the kind of the statement, not what a called function does. It reads words as Spark's lexer does
 * (SqlBaseLexer.g4); where that could be doubted, the statement is `writing`.
 */
export function statementIn(text: string, { substitutes }: { substitutes: boolean }): Statement {
  const tokens = [...scan(text, DATABRICKS_TEXT)];
  const first = tokens.findIndex((token) => !isSymbol(token, ';'));
  if (first === -1) return { kind: 'empty', text, plainText: '' };
  // A body of several statements belongs to one CREATE PROCEDURE, or to one BEGIN … END, which may have a label.
  const isLabelled = isSymbol(tokens[first + 1], ':') && wordOf(tokens[first + 2]) === 'BEGIN';
  const hasBody = isLabelled || ['BEGIN', 'CREATE'].includes(wordOf(tokens[first]));
  if (hasBody) return { kind: 'writing', text, plainText: text };
  const semicolon = tokens.findIndex((token, index) => index > first && isSymbol(token, ';'));
  const end = semicolon === -1 ? tokens.length : semicolon;
  if (tokens.slice(end).some((token) => !isSymbol(token, ';'))) return { kind: 'several', text, plainText: '' };
  const checked = {
    text: text.slice(0, tokens[semicolon]?.start),
    plainText: plain(text, tokens.slice(0, end)),
    isClosed: isClosed(tokens.slice(0, end)),
  };
  const kind = kindOf(tokens.slice(first, end));
  const isReplaced = substitutes && checked.plainText.includes('${');
  const doubt = isReplaced ? REPLACED : doubtAbout(tokens.slice(first, end), text);
  return { ...checked, ...(doubt === undefined || kind === 'moving' ? { kind } : { kind: 'writing', doubt }) };
}

/** The text with blanks for all that is no token. */
function plain(text: string, tokens: readonly Token[]): string {
  let sent = '';
  for (const { start, end } of tokens) {
    sent += text.slice(sent.length, start).replaceAll(/[^\n\r]/g, ' ') + text.slice(start, end);
  }
  return sent;
}

function kindOf(tokens: readonly Token[]): StatementKind {
  const first = wordOf(tokens[0]);
  // In parentheses there can only be a query.
  if (isSymbol(tokens[0], '(')) return 'query';
  // It runs nothing, but for EXECUTE IMMEDIATE.
  if (first === 'EXPLAIN') {
    const explained = kindOf(tokens.slice(EXPLAIN_MODES.has(wordOf(tokens[1])) ? 2 : 1));
    return explained === 'query' || explained === 'changing' ? 'showing' : explained;
  }
  return first === 'WITH' || first === 'FROM' ? withTables(outermost(tokens)) : (KINDS.get(first) ?? 'unknown');
}

function isClosed(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Of what stands in parentheses only the closing one is left. */
function outermost(tokens: readonly Token[]): readonly Token[] {
  let depth = 0;
  return tokens.filter((token) => {
    if (isSymbol(token, '(')) depth += 1;
    if (isSymbol(token, ')')) depth -= 1;
    return depth <= 0;
  });
}

/**
 * `WITH a AS (…), b (x, y) AS (…) INSERT INTO t …`, `FROM t INSERT OVERWRITE TABLE u SELECT a`. Names may be words such as
 * RECURSIVE, so it is the first word behind a parenthesis that tells what comes after common tables. In a FROM the word INSERT
 * is enough: what may follow it changes (`INSERT WITH SCHEMA EVOLUTION`), and it need not stand apart (`1e+5INSERT INTO`).
 */
function withTables(outer: readonly Token[]): StatementKind {
  const isBody = (token: Token, index: number) => isSymbol(outer[index - 1], ')') && !MORE_TABLES.test(textOf(token));
  const body = wordOf(outer[0]) === 'FROM' ? outer : outer.slice(outer.findIndex(isBody));
  const first = textOf(body[0]).toUpperCase();
  if (first === 'FROM') return body.some((token) => keywordOf(token) === 'INSERT') ? 'writing' : 'query';
  // A body in parentheses may end the statement.
  return first === ')' || KINDS.get(first) === 'query' || MORE_QUERY.test(first) ? 'query' : 'writing';
}
