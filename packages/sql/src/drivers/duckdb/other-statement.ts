import { type DuckDBMaterializedResult, StatementType } from '@duckdb/node-api';
import type { SqlStatement } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import { firstWords } from '../../text/first-words.ts';
import { matchParameters } from '../../text/parameters.ts';
import { refuseTemporary } from '../../text/refuse-temporary.ts';
import { POSTGRES_TEXT } from '../../text/rules.ts';
import { scan } from '../../text/scan.ts';
import { bindParameters } from './parameters.ts';
import { EXPLAIN, severalStatements } from './reading-statement.ts';
import { CHANGING, nameOf, refusal } from './refusal.ts';
import type { DuckDbSession } from './session.ts';
import { effectIn } from './table-functions.ts';

/** Statements allowed on a database that is open for writing. Not COPY, ATTACH, SET and others that reach beyond it. */
const WRITING: ReadonlySet<StatementType> = new Set([
  ...[StatementType.INSERT, StatementType.UPDATE, StatementType.DELETE, StatementType.MERGE_INTO],
  ...[StatementType.CREATE, StatementType.CREATE_FUNC, StatementType.ALTER, StatementType.DROP],
  ...[StatementType.ANALYZE, StatementType.VACUUM],
]);

function hasMoreBehindSemicolon(query: string): boolean {
  const isSemicolon = [...scan(query, POSTGRES_TEXT)].map((token) => token.kind === 'symbol' && token.text === ';');
  return isSemicolon.lastIndexOf(false) > isSemicolon.indexOf(true) && isSemicolon.includes(true);
}

/** What these show, other statements show too. The others change settings, or reach beyond the database. */
const READING_PRAGMA =
  /^(table_info|show_tables|show_tables_expanded|show_databases|database_list|database_size|storage_info|metadata_info|collations|functions|version|platform|user_agent)$/;
/** A PIVOT that does not name its values, which are found first. It can stand where a SELECT can. */
const PIVOTS = /^(PIVOT|PIVOT_WIDER|FROM|SELECT|WITH|EXPLAIN|DESCRIBE|SUMMARIZE|This)$/;
/** Planned, and not run. */
const EXPLAINED = /^(INSERT|UPDATE|DELETE|MERGE|WITH|PIVOT|FROM|SELECT)$/;

/** Whether a statement whose tree the parser does not show may only read: `runOther` then takes it on any connection. */
export function mayRead(query: string): boolean {
  const name = nameOf(query);
  if (name === 'PRAGMA') return READING_PRAGMA.test(firstWords(query, POSTGRES_TEXT, 2)[1] ?? '');
  const explain = EXPLAIN.exec(query)?.[0];
  if (explain === undefined) return PIVOTS.test(name);
  return !/analyze/i.test(explain) && EXPLAINED.test(nameOf(query.slice(explain.length)));
}

/**
 * Begins a transaction, and runs in it a statement whose tree the parser does not show. The connection must be locked: only
 * preparing can have effects. DuckDB makes several of `alter table … add column … default now()` and of a PIVOT; the result
 * is that of the last one.
 *
 * @throws {SqlError} `several_statements`, `not_allowed`, `parameters`; and what DuckDB throws
 */
export async function runOther(
  { connection, writable }: DuckDbSession,
  { query, parameters, signal }: SqlStatement,
): Promise<{ result: DuckDBMaterializedResult; isRead: boolean }> {
  const name = nameOf(query);
  const refused = () => (writable ? notAllowed(query) : refusal(connection, query));
  if (!mayRead(query) && !(writable && CHANGING.test(name))) throw await refused();
  refuseTemporary(query, POSTGRES_TEXT);
  const effect = await effectIn(query);
  if (effect)
    throw new SqlError({ code: 'not_allowed', message: `The table function ${effect} is not allowed in queries` });
  const parts = await connection.extractStatements(query);
  // Only a PIVOT has several.
  if (!writable && parts.count === 1 && !/^(PRAGMA|EXPLAIN)$/.test(name)) throw await refused();
  if (parts.count > 1 && hasMoreBehindSemicolon(query)) throw severalStatements(parts.count);
  let result = await connection.run('begin transaction');
  let isRead = false;
  for (let index = 0; index < parts.count; index += 1) {
    const prepared = await parts.prepare(index);
    const type = prepared.statementType;
    // The transaction of the parts.
    if (parts.count > 1 && type === StatementType.TRANSACTION) continue;
    isRead =
      type === StatementType.EXPLAIN || (type === StatementType.SELECT && (parts.count > 1 || name === 'PRAGMA'));
    // The values of a PIVOT become a temporary type.
    const isPart = index < parts.count - 1 && type === StatementType.CREATE;
    if (!isRead && !isPart && !(writable && WRITING.has(type))) throw await refused();
    const names = Array.from({ length: prepared.parameterCount }, (_, place) => prepared.parameterName(place + 1));
    bindParameters(prepared, matchParameters({ names, parameters }));
    signal.throwIfAborted();
    result = await prepared.run();
  }
  return { result, isRead };
}

function notAllowed(query: string): SqlError {
  const message = `${nameOf(query)} is not allowed in queries: only statements that read or change this database are`;
  return new SqlError({ code: 'not_allowed', message });
}
