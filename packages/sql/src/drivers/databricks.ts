import { endsWithin } from '../abortable.ts';
import type { RowReceiver, SqlDriver, SqlStatement, SqlSummary } from '../driver.ts';
import { Pool } from '../pool.ts';
import { Runner } from '../runner.ts';
import { checkWarehouse } from './databricks/check-warehouse.ts';
import type { Warehouse } from './databricks/in-session.ts';
import type { DatabricksOptions } from './databricks/options.ts';
import { runStatement } from './databricks/run-statement.ts';
import { Transport } from './databricks/transport.ts';

/** Longest wait of closing for cancelled statements and for sessions; later the server ends them by itself. */
const CLOSE_WITHIN_MS = 5000;

/** Statements on a Databricks SQL warehouse. */
export function createDatabricksDriver(options: DatabricksOptions): SqlDriver {
  return new DatabricksDriver(options);
}

class DatabricksDriver implements SqlDriver {
  readonly engine = 'databricks';
  readonly #warehouse: Warehouse;
  readonly #runner = new Runner({ endWithinMs: CLOSE_WITHIN_MS, close: () => this.#close() });

  constructor(options: DatabricksOptions) {
    this.#warehouse = {
      options,
      transport: new Transport(options),
      sessions: new Pool({ max: options.maxSessions, idleMs: options.idleMs }),
      inBackground: (work) => this.#runner.inBackground(work),
    };
  }

  run(statement: SqlStatement, receiver: RowReceiver): Promise<SqlSummary> {
    const warehouse = this.#warehouse;
    const work = (signal: AbortSignal) => runStatement({ warehouse, statement: { ...statement, signal }, receiver });
    return this.#runner.run({ work, signal: statement.signal });
  }

  check(signal: AbortSignal): Promise<string> {
    const warehouse = this.#warehouse;
    return this.#runner.run({ work: (either) => checkWarehouse({ warehouse, signal: either }), signal });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#runner[Symbol.asyncDispose]();
  }

  async #close(): Promise<void> {
    await endsWithin(CLOSE_WITHIN_MS, this.#warehouse.sessions[Symbol.asyncDispose]());
    await this.#warehouse.transport.library.close();
  }
}
