import { type DuckDBMaterializedResult, ResultReturnType } from '@duckdb/node-api';
import { beforeCommit, expectNoCommit } from '../../committing.ts';
import type { RowReceiver, SqlStatement, SqlSummary } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import { errorOfThrown } from './errors.ts';
import { runOther } from './other-statement.ts';
import { bindParameters } from './parameters.ts';
import { type Prepared, prepareReading } from './prepare-reading.ts';
import { columnsOf, rowsIn } from './rows.ts';
import type { DuckDbSession } from './session.ts';

export interface RunOptions {
  session: DuckDbSession;
  statement: SqlStatement;
  receiver: RowReceiver;
}

type Reading = Extract<Prepared, { status: 'reading' }>;

export async function runStatement({ session, statement, receiver }: RunOptions): Promise<SqlSummary> {
  const prepared = await prepareReading(session, statement);
  if (prepared.status === 'other') return write({ session, statement, receiver });
  return prepared.isExplain || prepared.looksAtCatalog
    ? runAtOnce({ session, statement, receiver }, prepared)
    : runIntoTable({ session, statement, receiver }, prepared);
}

/** In full, since a database file may have a schema called `temp`. */
const TABLE = 'temp.main.taskwire_rows';

/**
 * Puts the rows into a temporary table, and reads them from there. Reading them while the statement runs (`stream`) would
 * mistake an error in mid-result for the end, and a result in memory has no memory limit; a temporary table is complete
 * or an error, and what does not fit into memory goes to the spill folder.
 */
async function runIntoTable(options: RunOptions, reading: Reading): Promise<SqlSummary> {
  const { session, statement, receiver } = options;
  const { connection } = session;
  const create = `create temp table taskwire_rows as `;
  const text = create + reading.text;
  const queryStartsAtByte = reading.queryStartsAtByte + Buffer.byteLength(create);
  let found: number;
  try {
    const prepared = await connection.prepare(text);
    bindParameters(prepared, reading.values);
    statement.signal.throwIfAborted();
    const counted = await prepared.run();
    found = Number((await counted.getRows())[0]?.[0]);
  } catch (thrown) {
    const error = errorOfThrown({ thrown, query: statement.query, queryStartsAtByte });
    // Such as `select row(1, 2)`: its fields have no names.
    if (error instanceof SqlError && error.message.includes('unnamed struct')) return runAtOnce(options, reading);
    throw error;
  }

  const result = await connection.stream(`select * from ${TABLE} limit ${statement.maxRows}`);
  const types = result.columnTypes();
  const columns = columnsOf(result, types);
  receiver.columns(columns);
  const rowCount = Math.min(found, statement.maxRows);
  let delivered = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) break;
    statement.signal.throwIfAborted();
    await receiver.rows(rowsIn(chunk, types, columns));
    delivered += chunk.rowCount;
  }
  statement.signal.throwIfAborted();
  if (delivered !== rowCount) {
    const message = `DuckDB counted ${rowCount} rows and delivered ${delivered}`;
    throw new SqlError({ code: 'incomplete', message });
  }
  return { rowCount, truncated: found > rowCount };
}

/** Runs a statement whose result is known to be short, or cannot be a table. */
async function runAtOnce({ session, statement, receiver }: RunOptions, reading: Reading): Promise<SqlSummary> {
  try {
    const prepared = await session.connection.prepare(reading.text);
    bindParameters(prepared, reading.values);
    statement.signal.throwIfAborted();
    return await handOver(await prepared.run(), statement, receiver);
  } catch (thrown) {
    throw errorOfThrown({ thrown, query: statement.query, queryStartsAtByte: reading.queryStartsAtByte });
  }
}

/** In a transaction: after an error, also of a receiver that gets too many rows, the change is undone. */
async function write({ session, statement, receiver }: RunOptions): Promise<SqlSummary> {
  const { connection } = session;
  expectNoCommit(statement);
  const { result, isRead } = await runOther(session, statement);
  if (isRead) return handOver(result, statement, receiver);
  const summary = await handOverChanges(result, statement, receiver);
  await beforeCommit(statement, receiver, summary);
  // Without it, closing the connection undoes all.
  await connection.run('commit');
  return summary;
}

async function handOverChanges(
  result: DuckDBMaterializedResult,
  statement: SqlStatement,
  receiver: RowReceiver,
): Promise<SqlSummary> {
  if (result.returnType === ResultReturnType.QUERY_RESULT) {
    const summary = await handOver(result, statement, receiver);
    // RETURNING gives a row for each that was changed.
    return { ...summary, affectedRows: result.rowCount };
  }
  receiver.columns([]);
  const isCounted = result.returnType === ResultReturnType.CHANGED_ROWS;
  return { rowCount: 0, truncated: false, ...(isCounted && { affectedRows: result.rowsChanged }) };
}

async function handOver(
  result: DuckDBMaterializedResult,
  { maxRows, signal }: SqlStatement,
  receiver: RowReceiver,
): Promise<SqlSummary> {
  const types = result.columnTypes();
  const columns = columnsOf(result, types);
  receiver.columns(columns);
  let rowCount = 0;
  for (const chunk of await result.fetchAllChunks()) {
    signal.throwIfAborted();
    const rows = rowsIn(chunk, types, columns).slice(0, maxRows - rowCount);
    if (rows.length > 0) await receiver.rows(rows);
    rowCount += rows.length;
  }
  return { rowCount, truncated: result.rowCount > rowCount };
}
