import './duckdb/byte-order-marks.ts';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ExportTarget, RowReceiver, SqlDriver, SqlExport, SqlStatement, SqlSummary } from '../driver.ts';
import { Runner } from '../runner.ts';
import { SqlConnectionError } from '../sql-error.ts';
import { refuseCatalog } from '../text/refuse-catalog.ts';
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
  readonly #runner = new Runner({ close: () => this.#file?.[Symbol.asyncDispose]() });

  constructor(options: DuckDbOptions) {
    const { dataDirectory, database } = options;
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
    // The check must not create the file.
    if (database && !database.readOnly && !existsSync(database.path)) {
      return `DuckDB, database file ${database.path}, which the first statement will make`;
    }
    try {
      return await this.#checkRunning(signal);
    } catch (thrown) {
      // Usually a worker with the same configuration is writing to it, which is fine.
      const isBusy = thrown instanceof SqlConnectionError && thrown.fault === 'busy';
      if (!isBusy || !database || database.readOnly) throw thrown;
      return `DuckDB, database file ${database.path}, which another process has open now`;
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
      : `in memory, over the files in ${dataDirectory ?? 'no folder'}${isThere ? '' : ', which does not exist'}`;
    return `DuckDB ${version}, ${what}`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#runner[Symbol.asyncDispose]();
  }

  #inSession<T>(
    statement: SqlStatement,
    use: (session: DuckDbSession, statement: SqlStatement) => Promise<T>,
  ): Promise<T> {
    let running: DuckDbSession | undefined;
    const work = async (signal: AbortSignal) => {
      refuseCatalog(statement, 'DuckDB');
      try {
        await using session = await (this.#file?.session() ?? openMemorySession(this.#options));
        running = session;
        signal.throwIfAborted();
        return await use(session, { ...statement, signal });
      } catch (thrown) {
        throw errorOfThrown({ thrown, query: statement.query, queryStartsAtByte: 0 });
      }
    };
    return this.#runner.run({ work, interrupt: () => running?.connection.interrupt(), signal: statement.signal });
  }
}
