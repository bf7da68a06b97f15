import type { JsonValue } from '@taskwire/protocol';
import { endsWithin } from '../abortable.ts';
import type { RowReceiver, SqlDriver, SqlStatement, SqlSummary } from '../driver.ts';
import { Pool } from '../pool.ts';
import { Runner } from '../runner.ts';
import { checkWarehouse } from './thrift/check-warehouse.ts';
import { endStatement, type Warehouse } from './thrift/in-session.ts';
import { leftStatementIn } from './thrift/left-statement.ts';
import type { ThriftOptions } from './thrift/options.ts';
import { runStatement } from './thrift/run-statement.ts';
import { SessionOpener } from './thrift/session-opener.ts';
import { Transport } from './thrift/transport.ts';

/** Longest wait of closing for cancelled statements and for sessions; later the server ends them by itself. */
const CLOSE_WITHIN_MS = 5000;

export { DATABRICKS } from './thrift/databricks.ts';
export { SPARK } from './thrift/spark.ts';

/** Statements on a Databricks SQL warehouse, or on a Spark Thrift server. */
export function createThriftDriver(options: ThriftOptions): SqlDriver {
  return new ThriftDriver(options);
}

class ThriftDriver implements SqlDriver {
  readonly engine: string;
  readonly #warehouse: Warehouse;
  /** Sessions that linger after a cancel close at once then. */
  readonly #closing = new AbortController();
  readonly #runner = new Runner({ confirms: true, endWithinMs: CLOSE_WITHIN_MS, close: () => this.#close() });

  constructor(options: ThriftOptions) {
    this.engine = options.dialect.engine;
    const transport = new Transport(options);
    const inBackground = (work: Promise<unknown>) => this.#runner.inBackground(work);
    this.#warehouse = {
      ...{ options, transport, inBackground },
      sessions: new Pool({ max: options.maxSessions, idleMs: options.idleMs }),
      opener: new SessionOpener({ options, transport, inBackground, closing: this.#closing.signal }),
      closing: this.#closing.signal,
    };
  }

  run(statement: SqlStatement, receiver: RowReceiver): Promise<SqlSummary> {
    const warehouse = this.#warehouse;
    const work = (signal: AbortSignal) => runStatement({ warehouse, statement: { ...statement, signal }, receiver });
    return this.#runner.run({ work, signal: statement.signal });
  }

  /** Closes the session of a statement that another process has begun, which ends it. */
  async endLeft(left: JsonValue): Promise<void> {
    const statement = leftStatementIn(left);
    if (statement) await endStatement(this.#warehouse, statement);
  }

  check(signal: AbortSignal): Promise<string> {
    const warehouse = this.#warehouse;
    return this.#runner.run({ work: (either) => checkWarehouse({ warehouse, signal: either }), signal });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#runner[Symbol.asyncDispose]();
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await endsWithin(CLOSE_WITHIN_MS, this.#warehouse.sessions[Symbol.asyncDispose]());
    this.#warehouse.transport.endpoint.close();
  }
}
