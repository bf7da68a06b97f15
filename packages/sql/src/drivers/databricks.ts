import type { RowReceiver, SqlDriver, SqlStatement, SqlSummary } from '../driver.ts';
import { interruptible } from '../interruptible.ts';
import { SqlError } from '../sql-error.ts';
import { endsWithin } from './databricks/abortable.ts';
import { checkWarehouse } from './databricks/check-warehouse.ts';
import type { DatabricksOptions } from './databricks/options.ts';
import { runStatement, type Warehouse } from './databricks/run-statement.ts';
import { createSessions } from './databricks/sessions.ts';
import { Transport } from './databricks/transport.ts';

/** Closing waits no longer for what was cancelled; the server ends it by itself then. */
const DISPOSE_WITHIN_MS = 5000;

/** Statements on a Databricks SQL warehouse. */
export function createDatabricksDriver(options: DatabricksOptions): SqlDriver {
  return new DatabricksDriver(options);
}

class DatabricksDriver implements SqlDriver {
  readonly engine = 'databricks';
  readonly #warehouse: Warehouse;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #disposed: Promise<void> | undefined;

  constructor(options: DatabricksOptions) {
    const transport = new Transport(options);
    this.#warehouse = {
      options,
      transport,
      sessions: createSessions({ options, transport }),
      inBackground: (work) => this.#track(work),
    };
  }

  async run(statement: SqlStatement, receiver: RowReceiver): Promise<SqlSummary> {
    const signal = AbortSignal.any([statement.signal, this.#closing.signal]);
    signal.throwIfAborted();
    const work = this.#track(
      runStatement({ warehouse: this.#warehouse, statement: { ...statement, signal }, receiver }),
    );
    // It sees the signal itself; here it is made sure that its end is not awaited for long.
    return interruptible({ work, interrupt: () => undefined, signal });
  }

  async check(signal: AbortSignal): Promise<string> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    ended.throwIfAborted();
    const work = this.#track(checkWarehouse({ warehouse: this.#warehouse, signal: ended }));
    return interruptible({ work, interrupt: () => undefined, signal: ended });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    const message = 'The connection was closed before the query had ended';
    this.#closing.abort(new SqlError({ code: 'cancelled', message }));
    await endsWithin(DISPOSE_WITHIN_MS, Promise.allSettled(this.#running));
    await endsWithin(DISPOSE_WITHIN_MS, this.#warehouse.sessions.close());
    await this.#warehouse.transport.library.close();
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const forget = () => this.#running.delete(work);
    this.#running.add(work);
    work.then(forget, forget);
    return work;
  }
}
