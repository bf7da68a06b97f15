import './duckdb/byte-order-marks.ts';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExportTarget, RowReceiver, SqlDriver, SqlExport, SqlStatement, SqlSummary } from '../driver.ts';
import { interruptible } from '../interruptible.ts';
import { SqlConnectionError, SqlError } from '../sql-error.ts';
import { Turns } from '../turns.ts';
import { type DatabaseFile, databaseFile } from './duckdb/database-file.ts';
import { errorOfThrown } from './duckdb/errors.ts';
import { exportFile } from './duckdb/export-file.ts';
import { openMemorySession } from './duckdb/memory-session.ts';
import type { DuckDbOptions } from './duckdb/options.ts';
import { runStatement } from './duckdb/run-statement.ts';
import type { DuckDbSession } from './duckdb/session.ts';

/** SQL over the files of one folder, by DuckDB in memory, or over a database file. */
export function createDuckDbDriver(options: DuckDbOptions): SqlDriver {
  return new DuckDbDriver(options);
}

class DuckDbDriver implements SqlDriver {
  readonly engine = 'duckdb';
  readonly #options: DuckDbOptions;
  readonly #file: DatabaseFile | undefined;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #turns: Turns;

  constructor(options: DuckDbOptions) {
    const { dataDirectory, database, maxQueries = Number.POSITIVE_INFINITY } = options;
    this.#turns = new Turns(maxQueries);
    this.#options = { ...options, ...(dataDirectory && { dataDirectory: resolve(dataDirectory) }) };
    this.#file = database && databaseFile(this.#options, database);
  }

  run(statement: SqlStatement, receiver: RowReceiver): Promise<SqlSummary> {
    return this.#inSession(statement, (session, bounded) => runStatement({ session, statement: bounded, receiver }));
  }

  exportFile(statement: SqlStatement, target: ExportTarget): Promise<SqlExport | undefined> {
    return this.#inSession(statement, (session, bounded) => exportFile({ session, statement: bounded, target }));
  }

  async check(signal: AbortSignal): Promise<string> {
    const { database } = this.#options;
    // Looking must not make it.
    if (database && !database.readOnly && !existsSync(database.path)) {
      return `DuckDB, database file ${database.path}, which the first statement will make`;
    }
    try {
      return await this.#checkRunning(signal);
    } catch (thrown) {
      // Whoever writes to it is a worker of the same configuration, as a rule: that is as it should be.
      const isBusy = thrown instanceof SqlConnectionError && thrown.fault === 'busy';
      if (!isBusy || !database || database.readOnly) throw thrown;
      return `DuckDB, database file ${database.path}, which is just now open in another process`;
    }
  }

  async #checkRunning(signal: AbortSignal): Promise<string> {
    const statement = { query: 'select version()', parameters: [], maxRows: 1, timeoutMs: 60_000, signal };
    let version = '';
    await this.run(statement, {
      columns: () => undefined,
      rows: ([row]) => {
        version = String(row?.[0]);
      },
    });
    const { database, dataDirectory } = this.#options;
    const isThere = dataDirectory === undefined || existsSync(dataDirectory);
    const what = database
      ? `database file ${database.path}, ${database.readOnly ? 'reading only' : 'reading and writing'}`
      : `in memory, over the files in ${dataDirectory ?? 'no folder'}${isThere ? '' : ', which is not there'}`;
    return `DuckDB ${version}, ${what}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const message = 'The connection was closed before the query had ended';
    this.#closing.abort(new SqlError({ code: 'cancelled', message }));
    await Promise.all(this.#running);
    await this.#file?.[Symbol.asyncDispose]();
  }

  async #inSession<T>(
    statement: SqlStatement,
    work: (session: DuckDbSession, statement: SqlStatement) => Promise<T>,
  ): Promise<T> {
    const signal = AbortSignal.any([statement.signal, this.#closing.signal]);
    // Until the query has ended in the engine, not only for whoever asked.
    const turn = await this.#turns.take(signal);

    let session: DuckDbSession | undefined;
    const working = this.#withSession(async (opened) => {
      session = opened;
      signal.throwIfAborted();
      return work(opened, { ...statement, signal });
    }).catch((thrown: unknown) => {
      throw errorOfThrown({ thrown, query: statement.query, queryStartsAtByte: 0 });
    });
    const ended = working
      .catch(() => undefined)
      .finally(() => {
        this.#running.delete(ended);
        turn[Symbol.dispose]();
      });
    this.#running.add(ended);
    return interruptible({ work: working, interrupt: () => session?.connection.interrupt(), signal });
  }

  async #withSession<T>(work: (session: DuckDbSession) => Promise<T>): Promise<T> {
    await using session = await (this.#file?.session() ?? openMemorySession(this.#options));
    return await work(session);
  }
}
