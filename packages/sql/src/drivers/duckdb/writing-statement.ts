import { type DuckDBConnection, StatementType } from '@duckdb/node-api';
import type { SqlStatement } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import { matchParameters } from '../../text/parameters.ts';
import { POSTGRES_TEXT } from '../../text/rules.ts';
import { scan } from '../../text/scan.ts';
import { bindParameters } from './parameters.ts';
import { severalStatements } from './reading-statement.ts';
import { nameOf } from './refusal.ts';
import { effectIn } from './table-functions.ts';

/** Statements allowed on a database that is open for writing. Not COPY, ATTACH, SET and others that reach beyond it. */
const WRITING: ReadonlySet<StatementType> = new Set([
  ...[StatementType.INSERT, StatementType.UPDATE, StatementType.DELETE, StatementType.MERGE_INTO],
  ...[StatementType.CREATE, StatementType.CREATE_FUNC, StatementType.ALTER, StatementType.DROP],
  ...[StatementType.ANALYZE, StatementType.VACUUM],
]);

/**
 * What such statements are called: what DuckDB prepares, it may touch already, as EXPORT DATABASE its folder. And not all
 * statements of a type are allowed: CREATE SECRET and ALTER DATABASE change what others use.
 */
const NAMES =
  /^(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|WITH|COMMENT|ANALYZE|VACUUM|(CREATE|ALTER|DROP) (TABLE|VIEW|INDEX|SEQUENCE|SCHEMA|TYPE|MACRO|FUNCTION))$/;

function hasMoreBehindSemicolon(query: string): boolean {
  const isSemicolon = [...scan(query, POSTGRES_TEXT)].map((token) => token.kind === 'symbol' && token.text === ';');
  return isSemicolon.lastIndexOf(false) > isSemicolon.indexOf(true) && isSemicolon.includes(true);
}

/**
 * Begins a transaction, and runs in it a statement that does not only read. The connection must be locked: only preparing
 * can have effects. DuckDB makes several of `alter table … add column … default now()`; the result is that of the last one.
 *
 * @throws {SqlError} `several_statements`, `not_allowed`, `parameters`; and what DuckDB throws
 */
export async function runWriting(connection: DuckDBConnection, { query, parameters, signal }: SqlStatement) {
  if (!NAMES.test(nameOf(query))) throw notAllowed(query);
  const effect = await effectIn(query);
  if (effect)
    throw new SqlError({ code: 'not_allowed', message: `The table function ${effect} is not allowed in queries` });
  const parts = await connection.extractStatements(query);
  if (parts.count > 1 && hasMoreBehindSemicolon(query)) throw severalStatements(parts.count);
  let result = await connection.run('begin transaction');
  for (let index = 0; index < parts.count; index += 1) {
    const prepared = await parts.prepare(index);
    // The transaction of the parts.
    if (parts.count > 1 && prepared.statementType === StatementType.TRANSACTION) continue;
    if (!WRITING.has(prepared.statementType)) throw notAllowed(query);
    const names = Array.from({ length: prepared.parameterCount }, (_, place) => prepared.parameterName(place + 1));
    bindParameters(prepared, matchParameters({ names, parameters }));
    signal.throwIfAborted();
    result = await prepared.run();
  }
  return result;
}

function notAllowed(query: string): SqlError {
  const message = `${nameOf(query)} is not allowed in queries: only statements that read or change this database are`;
  return new SqlError({ code: 'not_allowed', message });
}
