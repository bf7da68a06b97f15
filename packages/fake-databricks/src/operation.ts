import { randomBytes } from 'node:crypto';
import { guidText, newGuid } from './guid.ts';
import type { SparkParameter } from './parameters.ts';
import type { ResultTable } from './result-table.ts';
import type { Session } from './session.ts';
import { SqlError, toSqlError } from './sql-error.ts';

export type OperationStateName = 'PENDING' | 'RUNNING' | 'FINISHED' | 'CANCELED' | 'CLOSED' | 'ERROR' | 'TIMEDOUT';

/** One statement, running or done. */
export class Operation {
  readonly guid: Buffer = newGuid();
  readonly id: string = guidText(this.guid);
  readonly secret: Buffer = randomBytes(16);
  readonly session: Session;
  readonly statement: string;
  /** Resolves when the statement has ended, in any way; never rejects. */
  readonly ended: Promise<void>;
  state: OperationStateName = 'PENDING';
  error: SqlError | undefined;
  table: ResultTable | undefined;
  /** Rows that the client has fetched. */
  fetched = 0;
  readonly #rowLimit: number | undefined;
  readonly #timeoutState: 'TIMEDOUT' | 'ERROR' | 'CANCELED';
  readonly #stop = new AbortController();

  /**
   * @param options.before must have resolved before the statement begins; until then its state is PENDING.
   * @param options.rowLimit is where the result ends; undefined for all rows.
   * @param options.timeoutState is the state after STATEMENT_TIMEOUT.
   * @param options.onState is called at every change of the state.
   */
  constructor(options: {
    session: Session;
    statement: string;
    parameters: readonly SparkParameter[];
    before: Promise<unknown>;
    rowLimit: number | undefined;
    timeoutState: 'TIMEDOUT' | 'ERROR' | 'CANCELED';
    onState: () => void;
  }) {
    this.session = options.session;
    this.statement = options.statement;
    this.#timeoutState = options.timeoutState;
    this.#rowLimit = options.rowLimit;
    this.ended = this.#run(options.parameters, options.before, options.onState);
  }

  get isRunning(): boolean {
    return this.state === 'PENDING' || this.state === 'RUNNING';
  }

  /** Stops the statement if it runs. The state changes at once; `ended` resolves when the engine has let go. */
  stop(state: 'CANCELED' | 'CLOSED' | 'TIMEDOUT' | 'ERROR', error?: SqlError): void {
    if (this.isRunning) {
      this.state = state;
      this.error = error;
    }
    this.#stop.abort();
  }

  async #run(parameters: readonly SparkParameter[], before: Promise<unknown>, onState: () => void): Promise<void> {
    const { signal } = this.#stop;
    const seconds = this.session.statementTimeoutSeconds;
    const timer = seconds === undefined ? undefined : setTimeout(() => this.#timeOut(seconds), seconds * 1000);
    const started = () => {
      this.state = 'RUNNING';
      onState();
    };
    try {
      await Promise.race([before, aborted(signal)]);
      await hint(this.statement, signal, started);
      const { columns, rowCount } = await this.session.run(this.statement, parameters, started, signal);
      this.table = { columns, rowCount: Math.min(rowCount, this.#rowLimit ?? rowCount) };
      if (this.isRunning) this.state = 'FINISHED';
    } catch (cause) {
      if (this.isRunning) {
        this.error = toSqlError(cause, this.statement);
        this.state = 'ERROR';
      }
    } finally {
      clearTimeout(timer);
      onState();
    }
  }

  #timeOut(seconds: number): void {
    const text = `Query has been timed out due to STATEMENT_TIMEOUT of ${seconds} seconds.`;
    this.stop(this.#timeoutState, new SqlError('STATEMENT_TIMEOUT', '57KD0', text));
  }
}

/** Rejects when the signal aborts. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Honours `/*+ endless *\/` and `/*+ sleep(MILLISECONDS) *\/`, which keep a statement running without load. */
async function hint(statement: string, signal: AbortSignal, started: () => void): Promise<void> {
  const found = statement.match(/\/\*\+\s*(?:(endless)|sleep\((\d+)\))\s*\*\//i);
  if (!found) return;
  started();
  const stopped = aborted(signal);
  if (found[1]) await stopped;
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise((resolve) => {
    timer = setTimeout(resolve, Number(found[2]));
  });
  await Promise.race([slept, stopped]).finally(() => clearTimeout(timer));
}
