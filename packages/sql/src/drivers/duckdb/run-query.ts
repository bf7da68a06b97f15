import type { DuckDBConnection } from '@duckdb/node-api';
import type { JsonValue } from '@taskwire/protocol';
import type { SqlQuery, SqlRows } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import { type BoundedStatement, boundedStatement } from './bounded-statement.ts';
import { errorOfThrown } from './errors.ts';
import { bindParameters, matchParameters } from './parameters.ts';
import { readingStatement } from './reading-statement.ts';
import { refusal } from './refusal.ts';
import { relativeFiles } from './relative-files.ts';
import { rowsOf } from './rows.ts';
import type { DuckDbSession } from './session.ts';

export interface RunQueryOptions {
  /** Not yet open; to be closed by the caller. */
  session: DuckDbSession;
  request: SqlQuery;
}

/** Parse, lock down, bind, run: each step must find the query good before the next may touch anything. */
export async function runQuery({ session, request }: RunQueryOptions): Promise<SqlRows> {
  const { maxRows, parameters, signal } = request;
  if (!Number.isSafeInteger(maxRows) || maxRows < 0) throw new RangeError(`maxRows must be 0 or more, not ${maxRows}`);
  const query = wellFormed(request.query);

  const connection = await session.open();
  const reading = await readingStatement(connection, query);
  if (reading.status === 'other') {
    await session.lockDown([]);
    throw await refusal(connection, query);
  }
  const values = matchParameters({ names: reading.parameterNames, parameters });
  const texts = [...values.values()].filter((value) => typeof value === 'string');
  await session.lockDown(await relativeFiles([...reading.fileNames, ...texts]));
  signal.throwIfAborted();

  const statement = reading.isExplain
    ? { text: query, queryStartsAtByte: 0 }
    : await boundedStatement({ connection, query, maxRows });
  signal.throwIfAborted();
  try {
    return await run({ connection, statement, values, maxRows, signal });
  } catch (thrown) {
    throw errorOfThrown({ thrown, query, ...statement });
  }
}

interface RunOptions {
  connection: DuckDBConnection;
  statement: BoundedStatement;
  values: ReadonlyMap<string, JsonValue>;
  maxRows: number;
  signal: AbortSignal;
}

async function run({ connection, statement, values, maxRows, signal }: RunOptions): Promise<SqlRows> {
  const prepared = await connection.prepare(statement.text);
  bindParameters(prepared, values);
  signal.throwIfAborted();
  // Not `stream`: it takes an error in the middle of a result for its end.
  const result = await prepared.run();
  return rowsOf({ result, maxRows });
}

/** What cannot be written as UTF-8 would reach DuckDB as something else. */
function wellFormed(query: string): string {
  if (query.isWellFormed()) return query;
  const message = 'The query contains half a character (a lone surrogate)';
  throw new SqlError({ code: 'syntax', message });
}
