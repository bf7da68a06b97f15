import type { FieldDef } from 'pg';
import { uniqueNames } from '../../column-names.ts';
import type { RowReceiver, SqlSummary } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import { exactJson } from '../../values/exact-json.ts';
import { STATEMENT } from './begin-statement.ts';
import type { ColumnTypes } from './column-types.ts';
import type { PostgresConnection } from './connection.ts';
import type { Answer } from './exchange.ts';
import { RowDelivery } from './row-delivery.ts';
import type { Parameter } from './statement-text.ts';
import { summaryOf } from './summary.ts';
import { asText } from './values.ts';

export interface RunStatementOptions {
  /** In a transaction in which the statement has just been parsed. */
  connection: PostgresConnection;
  /** What it returns; undefined for no rows. */
  fields: readonly FieldDef[] | undefined;
  parameters: readonly Parameter[];
  columnTypes: ColumnTypes;
  readOnly: boolean;
  maxRows: number;
  receiver: RowReceiver;
  signal: AbortSignal;
}

/** Named, so that `pg_cursors` shows whose it is. */
const PORTAL = 'taskwire';
/** The server counts rows in an `int`; 0 is all of them. */
const MAX_ROWS = 2 ** 31 - 1;

/**
 * Runs a parsed statement and hands its rows over.
 *
 * @throws {DatabaseError} of `pg` when the server reports an error
 * @throws {SqlError} `incomplete`
 * @throws {SqlConnectionError} when the connection is cut
 * @throws what the receiver throws
 */
export async function runStatement(options: RunStatementOptions): Promise<SqlSummary> {
  const { connection, fields = [], columnTypes, readOnly, maxRows, receiver, signal } = options;
  const types = await columnTypes.of(connection, fields);
  signal.throwIfAborted();
  const names = uniqueNames(fields.map(({ name }) => name));
  receiver.columns(
    types.map(({ name: type, decode, parquetType }, index) => ({
      ...{ name: names[index] ?? '', type, ...(parquetType && { parquetType }) },
      ...(decode === exactJson && { isJson: true }),
    })),
  );
  const decoders = types.map(({ decode }) => (decode === exactJson ? asText : decode));

  const delivery = new RowDelivery({
    receiver,
    decode: (texts) => texts.map((text, index) => (text === null ? null : (decoders[index]?.(text) ?? null))),
    maxRows,
    stream: connection.stream,
    onEnough: () => {
      if (readOnly || !delivery.isTruncated) connection.stop();
    },
  });
  const abandon = () => delivery.abandon();
  signal.addEventListener('abort', abandon, { once: true });
  try {
    const answer = await execute(options, delivery);
    signal.throwIfAborted();
    await delivery.finish();
    signal.throwIfAborted();
    // A stopped statement has failed, which undoes its settings.
    const changed = answer && connection.changedSetting;
    if (changed) throw new SqlError({ code: 'not_allowed', message: `A query must not set ${changed}` });
    return summaryOf({ answer, delivery, returnsRows: options.fields !== undefined });
  } finally {
    signal.removeEventListener('abort', abandon);
    delivery.abandon();
  }
}

/**
 * A read-only statement is asked for all its rows and stopped when there are enough, because with a row limit PostgreSQL
 * uses no parallel workers. One that may write is asked for only the wanted rows, because stopping would undo it; if it has
 * written something, it then runs to its end.
 *
 * @returns undefined when it was stopped because no more rows were wanted
 */
async function execute(options: RunStatementOptions, delivery: RowDelivery): Promise<Answer | undefined> {
  const { connection, parameters, readOnly, maxRows, signal } = options;
  try {
    const onRow = (texts: (string | null)[], bytes: number) => delivery.add(texts, bytes);
    const answer = await connection.exchange({
      send: (wire) => {
        wire.bind({ portal: PORTAL, statement: STATEMENT, values: parameters.map(({ value }) => value) });
        wire.execute({ portal: PORTAL, rows: readOnly || maxRows >= MAX_ROWS ? 0 : maxRows + 1 });
        wire.sync();
      },
      onRow,
    });
    if (readOnly || !answer.isSuspended || !(await hasWritten(connection))) return answer;
    return await connection.exchange({
      send: (wire) => {
        wire.execute({ portal: PORTAL });
        wire.sync();
      },
      onRow,
    });
  } catch (thrown) {
    signal.throwIfAborted();
    if (delivery.isClosed) return undefined;
    throw thrown;
  }
}

/** Whether the transaction has changed something: a query may do so by a function that it calls. */
async function hasWritten(connection: PostgresConnection): Promise<boolean> {
  const [row] = await connection.ask<{ id: string | null }>('select pg_catalog.txid_current_if_assigned() as id');
  return row?.id !== null;
}
