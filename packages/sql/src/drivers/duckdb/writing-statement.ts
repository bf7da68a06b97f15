import { type DuckDBConnection, type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import type { SqlStatement } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import { matchParameters } from '../../text/parameters.ts';
import { bindParameters } from './parameters.ts';
import { severalStatements } from './reading-statement.ts';
import { firstWord } from './refusal.ts';
import { effectIn } from './table-functions.ts';

/** Statements allowed on a database that is open for writing. Not COPY, ATTACH, SET and others that reach beyond it. */
const WRITING: ReadonlySet<StatementType> = new Set([
  ...[StatementType.INSERT, StatementType.UPDATE, StatementType.DELETE, StatementType.MERGE_INTO],
  ...[StatementType.CREATE, StatementType.CREATE_FUNC, StatementType.ALTER, StatementType.DROP],
  ...[StatementType.ANALYZE, StatementType.VACUUM],
]);

/** What such statements begin with: what DuckDB prepares, it may touch already, as EXPORT DATABASE its folder. */
const FIRST_WORDS: ReadonlySet<string> = new Set([
  ...['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'TRUNCATE', 'WITH'],
  ...['CREATE', 'ALTER', 'DROP', 'COMMENT', 'ANALYZE', 'VACUUM'],
]);

/**
 * Prepares a statement that does not only read. The connection must be locked: preparing can have effects.
 *
 * @throws {SqlError} `several_statements`, `not_allowed`, `parameters`; and what DuckDB throws
 */
export async function prepareWriting(
  connection: DuckDBConnection,
  { query, parameters }: SqlStatement,
): Promise<DuckDBPreparedStatement> {
  if (!FIRST_WORDS.has(firstWord(query))) throw notAllowed(query);
  const effect = await effectIn(query);
  if (effect)
    throw new SqlError({ code: 'not_allowed', message: `The table function ${effect} is not allowed in queries` });
  const { count } = await connection.extractStatements(query);
  if (count > 1) throw severalStatements(count);
  const prepared = await connection.prepare(query);
  if (!WRITING.has(prepared.statementType)) throw notAllowed(query);
  const names = Array.from({ length: prepared.parameterCount }, (_, index) => prepared.parameterName(index + 1));
  bindParameters(prepared, matchParameters({ names, parameters }));
  return prepared;
}

function notAllowed(query: string): SqlError {
  const message = `${firstWord(query)} is not allowed in queries: only statements that read or change this database are`;
  return new SqlError({ code: 'not_allowed', message });
}
