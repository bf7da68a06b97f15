import { quotedIdentifier } from '@duckdb/node-api';
import type { SqlStatement } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import { matchParameters, type ParameterValue } from '../../text/parameters.ts';
import { type BoundedStatement, boundedStatement } from './bounded-statement.ts';
import { readingStatement } from './reading-statement.ts';
import type { DuckDbSession } from './session.ts';

export type Prepared =
  /** A statement that reads, on a locked session. EXPLAIN cannot be a subquery, so it is not bounded. */
  | ({
      status: 'reading';
      isExplain: boolean;
      looksAtCatalog: boolean;
      values: ReadonlyMap<string, ParameterValue>;
    } & BoundedStatement)
  /** Something else, on a locked session. */
  | { status: 'other' };

/** Parses, locks down, matches parameters: each step must accept the statement before the next may have effects. */
export async function prepareReading(session: DuckDbSession, statement: SqlStatement): Promise<Prepared> {
  const { maxRows, parameters, signal, query } = statement;
  if (!Number.isSafeInteger(maxRows) || maxRows < 0) throw new RangeError(`maxRows must be 0 or more, not ${maxRows}`);
  if (!query.isWellFormed()) {
    // Text that cannot be written as UTF-8 would reach DuckDB changed.
    const message = 'The query contains half a character (a lone surrogate)';
    throw new SqlError({ code: 'syntax', message });
  }
  const { connection } = session;
  const reading = await readingStatement(query);
  if (reading.status === 'other') {
    await enter(session, statement);
    return reading;
  }
  const values = matchParameters({ names: reading.parameterNames, parameters });
  await enter(session, statement);
  signal.throwIfAborted();
  const { isExplain, looksAtCatalog } = reading;
  const bounded = isExplain
    ? { text: query, queryStartsAtByte: 0 }
    : await boundedStatement({ connection, query, maxRows });
  signal.throwIfAborted();
  return { status: 'reading', isExplain, looksAtCatalog, values, ...bounded };
}

async function enter(session: DuckDbSession, { schema }: SqlStatement): Promise<void> {
  await session.lockDown();
  if (schema === undefined) return;
  const { connection } = session;
  const current = await connection.run('select system.main.current_catalog()');
  // One name alone could also be that of a catalog.
  const names = [String((await current.getRows())[0]?.[0]), schema].map(quotedIdentifier);
  await connection.run(`use ${names.join('.')}`);
}
