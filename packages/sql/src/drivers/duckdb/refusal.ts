import type { DuckDBConnection } from '@duckdb/node-api';
import { SqlError } from '../../sql-error.ts';
import { firstWords } from '../../text/first-words.ts';
import { POSTGRES_TEXT } from '../../text/rules.ts';
import { severalStatements } from './reading-statement.ts';

/**
 * What such statements are called: what DuckDB prepares, it may touch already, as EXPORT DATABASE its folder. And not all
 * statements of a type are allowed: CREATE SECRET and ALTER DATABASE change what others use.
 */
export const CHANGING =
  /^(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|WITH|COMMENT|ANALYZE|VACUUM|(CREATE|ALTER|DROP) (TABLE|VIEW|INDEX|SEQUENCE|SCHEMA|TYPE|MACRO|FUNCTION))$/;

/**
 * Why a text that `readingStatement` found not to be a SELECT is refused.
 *
 * Only for a locked connection: to count statements, DuckDB opens the files of IMPORT DATABASE.
 */
export async function refusal(connection: DuckDBConnection, query: string): Promise<SqlError> {
  const count = await connection.extractStatements(query).then(
    (statements) => statements.count,
    // The files of IMPORT DATABASE do not exist.
    () => 1,
  );
  // A PIVOT counts as several, too.
  if (count > 1 && query.includes(';')) return severalStatements(count);
  const message = `${nameOf(query)} is not allowed in queries: only statements that read are, such as SELECT, DESCRIBE and SUMMARIZE`;
  return new SqlError({ code: 'not_allowed', message, isWrite: CHANGING.test(nameOf(query)) });
}

const DETAILS = /^(or|replace|persistent|temp|temporary|local|global|unlogged|unique|recursive)$/;

/** The key words that a statement begins with, in capitals: `INSERT`, `CREATE TABLE`. DuckDB's parser is made from that of Postgres. */
export function nameOf(query: string): string {
  const [first, second] = firstWords(query, POSTGRES_TEXT, 6).filter((word) => !DETAILS.test(word));
  if (!first) return 'This';
  const name = /^(alter|create|drop)$/.test(first) && second ? `${first} ${second}` : first;
  return name.toUpperCase();
}
