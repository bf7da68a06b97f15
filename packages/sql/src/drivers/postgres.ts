import { beforeCommit, expectNoCommit } from '../committing.ts';
import type { RowReceiver, SqlDriver, SqlStatement, SqlSummary } from '../driver.ts';
import { Pool } from '../pool.ts';
import { Runner } from '../runner.ts';
import { SqlConnectionError, StillRunsError } from '../sql-error.ts';
import { refuseCatalog } from '../text/refuse-catalog.ts';
import { type BegunStatement, beginStatement } from './postgres/begin-statement.ts';
import { check } from './postgres/check.ts';
import { ColumnTypes } from './postgres/column-types.ts';
import { PostgresConnection } from './postgres/connection.ts';
import { statementError } from './postgres/errors.ts';
import type { PostgresOptions } from './postgres/options.ts';
import { runStatement } from './postgres/run-statement.ts';
import { type StatementText, statementText } from './postgres/statement-text.ts';
import { type Target, targetOf } from './postgres/target.ts';
import { commit, reset } from './postgres/transaction.ts';

const UNSTOPPED = 'the connection was cut, and PostgreSQL ends it when it notices that, or when its time limit is up';

/**
 * SQL in a PostgreSQL database. Each statement has its own transaction, read-only if the options say so, and leaves
 * nothing behind on its connection.
 *
 * @throws {RangeError} for options that name no database
 */
export function createPostgresDriver(options: PostgresOptions): SqlDriver {
  return new PostgresDriver(options);
}

interface Run {
  statement: SqlStatement;
  text: StatementText;
  receiver: RowReceiver;
  /** Also aborted when the driver is closed. */
  signal: AbortSignal;
  /** Returns an idle connection or a new one; called again, another one. */
  connect: () => Promise<PostgresConnection>;
}

class PostgresDriver implements SqlDriver {
  readonly engine = 'postgres';
  readonly #options: PostgresOptions;
  readonly #target: Target;
  readonly #connections: Pool<PostgresConnection>;
  readonly #columnTypes = new ColumnTypes();
  readonly #runner = new Runner({ confirms: true, close: () => this.#connections[Symbol.asyncDispose]() });

  constructor(options: PostgresOptions) {
    this.#options = options;
    this.#target = targetOf(options);
    this.#connections = new Pool({ max: options.maxConnections, idleMs: options.idleMs });
  }

  async run(statement: SqlStatement, receiver: RowReceiver): Promise<SqlSummary> {
    const { maxRows } = statement;
    const { connectTimeoutMs } = this.#options;
    if (!Number.isSafeInteger(maxRows) || maxRows < 0)
      throw new RangeError(`maxRows must be 0 or more, not ${maxRows}`);
    refuseCatalog(statement, 'PostgreSQL');
    let connection: PostgresConnection | undefined;
    const work = async (signal: AbortSignal) => {
      const text = statementText(statement, this.#options.readOnly);
      const open = () => PostgresConnection.open({ target: this.#target, timeoutMs: connectTimeoutMs, signal });
      return this.#connections.use({ open, signal }, async (next) => {
        const connect = async () => (connection = await next());
        try {
          return await this.#run({ statement, text, receiver, signal, connect });
        } catch (thrown) {
          if (signal.aborted && connection?.wasCutRunning) throw new StillRunsError(UNSTOPPED, thrown);
          throw statementError(thrown, statement.query, text);
        } finally {
          if (connection) await reset(connection);
        }
      });
    };
    return this.#runner.run({ work, interrupt: () => connection?.stop(), signal: statement.signal });
  }

  check(signal: AbortSignal): Promise<string> {
    return check({ driver: this, target: this.#target, options: this.#options, signal });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#runner[Symbol.asyncDispose]();
  }

  async #run(run: Run): Promise<SqlSummary> {
    const { statement, signal, receiver } = run;
    const { readOnly } = this.#options;
    expectNoCommit(statement);
    const begun = await this.#begin(run);
    signal.throwIfAborted();
    const summary = await runStatement({
      ...begun,
      columnTypes: this.#columnTypes,
      readOnly,
      maxRows: statement.maxRows,
      receiver,
      signal,
    });
    if (readOnly) return summary;
    await beforeCommit({ ...statement, signal }, receiver, summary);
    await commit(begun.connection);
    return summary;
  }

  /** Begins the statement; on another connection if an idle one turns out to be closed. */
  async #begin(run: Run): Promise<BegunStatement & { connection: PostgresConnection }> {
    const { connect, statement, text, signal } = run;
    const { readOnly, schema, connectTimeoutMs } = this.#options;
    for (;;) {
      const connection = await connect();
      try {
        const begun = await beginStatement({
          connection,
          statement: text,
          readOnly,
          schema,
          ownSchema: statement.schema,
          timeoutMs: statement.timeoutMs,
          answerWithinMs: connectTimeoutMs,
        });
        return { ...begun, connection };
      } catch (thrown) {
        const wasStale = connection.wasIdle && thrown instanceof SqlConnectionError;
        if (!wasStale || signal.aborted) throw thrown;
      }
    }
  }
}
