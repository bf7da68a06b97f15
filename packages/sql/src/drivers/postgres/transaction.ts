import { escapeIdentifier } from 'pg';
import { unknownOutcome } from '../../committing.ts';
import { SqlConnectionError } from '../../sql-error.ts';
import type { PostgresConnection } from './connection.ts';
import type { Wire } from './exchange.ts';

export interface BeginOptions {
  readOnly: boolean;
  /** The search path; undefined for that of the database. */
  schema: string | undefined;
  /** The only schema of the search path instead, by its name; an error of the server if it does not exist. */
  ownSchema: string | undefined;
  timeoutMs: number;
  checksClient: boolean;
}

/** So that values come as `values.ts` reads them, whatever the database, the role or an earlier statement set. */
const FORMATS = {
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  IntervalStyle: 'iso_8601',
  bytea_output: 'hex',
  extra_float_digits: '3',
  quote_all_identifiers: 'off',
  standard_conforming_strings: 'on',
  client_min_messages: 'error',
};
/** The server counts milliseconds in an `int`. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const CHECK_CLIENT_MS = 1000;

/**
 * Sends the beginning of a transaction, without waiting for an answer. Its settings end with it.
 *
 * A SELECT sets them, because that takes a snapshot: after it the server refuses to make a read-only transaction
 * read-write.
 */
export function sendBegin(wire: Wire, options: BeginOptions): void {
  const { readOnly, schema, ownSchema, timeoutMs, checksClient } = options;
  const own = ownSchema === undefined ? [] : [escapeIdentifier(ownSchema)];
  const [path = schema] = own;
  const settings = Object.entries({
    ...FORMATS,
    ...(path === undefined ? {} : { search_path: path }),
    ...(checksClient ? { client_connection_check_interval: String(CHECK_CLIENT_MS) } : {}),
    statement_timeout: String(Math.min(MAX_TIMEOUT_MS, Math.max(1, Math.ceil(timeoutMs)))),
  });
  const calls = settings.map((_, index) => `pg_catalog.set_config($${index * 2 + 1}, $${index * 2 + 2}, true)`);
  send(wire, readOnly ? 'begin read only' : 'begin');
  const exists = own.map(() => `$${settings.length * 2 + 1}::pg_catalog.regnamespace`);
  send(wire, `select ${[...calls, ...exists].join(', ')}`, [...settings.flat(), ...own]);
  // So that we get an error at once: the next step may wait for a lock.
  wire.flush();
}

/**
 * Ends a transaction, keeping what was done.
 *
 * @throws {DatabaseError} of `pg` when a deferred constraint is broken
 * @throws {SqlError} when the connection is cut: then nobody knows whether it was committed
 */
export async function commit(connection: PostgresConnection): Promise<void> {
  try {
    await connection.finish({
      send: (wire) => {
        send(wire, 'commit');
        wire.sync();
      },
    });
  } catch (thrown) {
    if (!(thrown instanceof SqlConnectionError)) throw thrown;
    throw unknownOutcome(thrown.message, thrown);
  }
}

/**
 * Ends the transaction, if there still is one, and resets what outlives transactions: prepared statements, advisory locks,
 * settings, temporary tables, the seed of `random()`. If that fails or may not be all, the connection is closed.
 */
export async function reset(connection: PostgresConnection): Promise<void> {
  if (!connection.isOpen) return;
  if (connection.mayKeepMore) return connection.close();
  try {
    await connection.finish({
      send: (wire) => {
        send(wire, 'rollback');
        send(wire, 'discard all');
        // The server has no way back to a seed of its own.
        send(wire, 'select pg_catalog.setseed($1)', [String(Math.random())]);
        wire.sync();
      },
    });
  } catch {
    connection.destroy();
  }
}

export function send(wire: Wire, text: string, values: readonly string[] = []): void {
  wire.parse({ text });
  wire.bind({ values });
  wire.execute({});
}
