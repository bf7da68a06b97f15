import { DATABRICKS_TEXT } from '../../text/rules.ts';
import { scan, type Token } from '../../text/scan.ts';
import { doubtAbout, isSymbol, keywordOf, wordOf } from './statement-doubt.ts';

/**
 * - `query`: returns rows, and does nothing else
 * - `showing`: shows something that is no table, as `SHOW TABLES` and `EXPLAIN`
 * - `changing`: changes rows, and leaves nothing else behind: INSERT, UPDATE, DELETE, MERGE
 * - `moving`: moves files between the workspace and the disk of the client
 * - `writing`: is known to do something else, or is not understood
 * - `unknown`: begins with a word that begins no known statement: most likely a typo
 */
export type StatementKind = 'empty' | 'several' | 'query' | 'showing' | 'changing' | 'moving' | 'writing' | 'unknown';

export interface Statement {
  readonly kind: StatementKind;
  /** Without the semicolons after it, and what comments come then. */
  readonly text: string;
  /** The same with blanks for comments, so that nobody can read them otherwise than we do. Places stay the same. */
  readonly plainText: string;
  /** Why a statement that may read is not known to. */
  readonly doubt?: string | undefined;
}

export interface StatementOptions {
  /** Whether the server replaces `${name}` before it reads anything. */
  substitutes: boolean;
}

/** Statements that only show something. What follows needs no look: no other statement can stand in them. */
const SHOWING = new Set(['SHOW', 'DESCRIBE', 'DESC', 'LIST']);
const QUERIES = new Set(['SELECT', 'VALUES', 'TABLE']);
const CHANGING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);
const MOVING = new Set(['PUT', 'GET', 'REMOVE']);
/** https://docs.databricks.com/aws/en/sql/language-manual/ and Spark's grammar */
const OTHERS = new Set(
  (
    'ADD ALTER ANALYZE BEGIN CACHE CALL CLEAR CLONE COMMENT COMMIT CONVERT COPY CREATE DECLARE DENY DFS DROP ' +
    'EXECUTE EXPORT FSCK GENERATE GRANT IF IMPORT LOAD LOCK MAP MSCK OPTIMIZE RECOVER REDUCE REFRESH ' +
    'REORG REPAIR REPLACE RESET RESTORE REVOKE ROLLBACK SET START SYNC TRUNCATE UNCACHE UNDO UNDROP UNLOCK UNSET ' +
    'UPSERT USE VACUUM'
  ).split(' '),
);
const EXPLAIN_MODES = new Set(['LOGICAL', 'FORMATTED', 'EXTENDED', 'CODEGEN', 'COST']);
const EXPLAINABLE: ReadonlySet<StatementKind> = new Set(['query', 'showing', 'changing']);
/** What goes on with a list of common tables behind a parenthesis: `a (x) AS (…)`, `a (x) MAX RECURSION LEVEL 5 AS (…)`. */
const IN_COMMON_TABLES = new Set(['AS', 'MAX']);
/** What goes on with a query in parentheses. */
const BEHIND_QUERY = new Set(
  'UNION INTERSECT EXCEPT MINUS ORDER CLUSTER DISTRIBUTE SORT WINDOW LIMIT OFFSET'.split(' '),
);

/**
 * What a text asks for, as far as its words tell.
 *
 * Neither Databricks nor Spark has a read-only mode: a read-only connection relies on this check and on the rights of its
 * user. The check sees the kind of the statement, not what a called function does. It reads words as Spark's lexer does
 * (SqlBaseLexer.g4); where that could be doubted, the statement is `writing`.
 */
export function statementIn(text: string, { substitutes }: StatementOptions): Statement {
  const tokens = [...scan(text, DATABRICKS_TEXT)];
  const first = tokens.findIndex((token) => !isSymbol(token, ';'));
  if (first === -1) return { kind: 'empty', text, plainText: '' };
  // A body of several statements belongs to one CREATE PROCEDURE, or to one BEGIN … END, which may have a label.
  if (['BEGIN', 'CREATE'].includes(wordOf(tokens[first])) || isSymbol(tokens[first + 1], ':')) {
    return { kind: 'writing', text, plainText: text };
  }
  const semicolon = tokens.findIndex((token, index) => index > first && isSymbol(token, ';'));
  const end = semicolon === -1 ? tokens.length : semicolon;
  if (tokens.slice(end).some((token) => !isSymbol(token, ';'))) return { kind: 'several', text, plainText: '' };
  const statement = tokens.slice(first, end);
  const checked = { text: text.slice(0, tokens[semicolon]?.start), plainText: plain(text, tokens.slice(0, end)) };
  const doubt = doubtAbout(statement, { text: checked.plainText, substitutes });
  const kind = kindOf(statement);
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
  if (QUERIES.has(first) || isSymbol(tokens[0], '(')) return 'query';
  if (SHOWING.has(first)) return 'showing';
  if (CHANGING.has(first)) return 'changing';
  if (MOVING.has(first)) return 'moving';
  // It runs nothing, but for EXECUTE IMMEDIATE.
  if (first === 'EXPLAIN') {
    const explained = kindOf(tokens.slice(EXPLAIN_MODES.has(wordOf(tokens[1])) ? 2 : 1));
    if (explained === 'unknown') return 'unknown';
    return EXPLAINABLE.has(explained) ? 'showing' : 'writing';
  }
  // `FROM t INSERT OVERWRITE TABLE u SELECT a`
  if (first === 'FROM') return insertsSomewhere(outermost(tokens)) ? 'writing' : 'query';
  // `WITH a AS (…) INSERT INTO t …`
  if (first === 'WITH') return afterCommonTables(outermost(tokens));
  return OTHERS.has(first) || EXPLAIN_MODES.has(first) ? 'writing' : 'unknown';
}

/**
 * Whether the word is in it, outside of quotes: what may follow it changes (`INSERT WITH SCHEMA EVOLUTION INTO`), and it need
 * not stand apart (`1e+5INSERT INTO`). A column of that name is written in backticks.
 */
function insertsSomewhere(tokens: readonly Token[]): boolean {
  return tokens.some((token) => keywordOf(token) === 'INSERT');
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
 * What `WITH a AS (…), b (x, y) AS (…) …` is. Names may be words such as INSERT or RECURSIVE, so it is the first word
 * behind a parenthesis that tells.
 */
function afterCommonTables(outer: readonly Token[]): StatementKind {
  const body = outer.findIndex((token, index) => {
    return (
      isSymbol(outer[index - 1], ')') &&
      ![',', ')'].some((text) => isSymbol(token, text)) &&
      !IN_COMMON_TABLES.has(wordOf(token))
    );
  });
  // The body is in parentheses, and nothing follows.
  if (body === -1) return 'query';
  const word = wordOf(outer[body]);
  if (word === 'FROM' && insertsSomewhere(outer.slice(body))) return 'writing';
  const isQuery = QUERIES.has(word) || word === 'FROM' || BEHIND_QUERY.has(word) || isSymbol(outer[body], '|');
  return isQuery ? 'query' : 'writing';
}
