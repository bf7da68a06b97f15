import { randomBytes } from 'node:crypto';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { PREPARE_CONNECTION } from './engine.ts';
import { explainCost } from './explain-cost.ts';
import { guidText, newGuid } from './guid.ts';
import { bindParameters, type SparkParameter } from './parameters.ts';
import { type ResultTable, readTable } from './result-table.ts';
import { SqlError, toSqlError } from './sql-error.ts';

/** A session of a client: a connection of its own to the engine, on which statements run one after another. */
export class Session {
  readonly guid: Buffer = newGuid();
  readonly id: string = guidText(this.guid);
  readonly secret: Buffer = randomBytes(16);
  /** Settings of the session by upper-case name, such as STATEMENT_TIMEOUT. */
  readonly configuration: Map<string, string>;
  readonly #connection: DuckDBConnection;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(connection: DuckDBConnection, configuration: Map<string, string>) {
    this.#connection = connection;
    this.configuration = configuration;
  }

  /** @throws {SqlError} when there is no such catalog or schema. */
  static async open(
    engine: DuckDBInstance,
    namespace: { catalog: string; schema: string },
    configuration: Record<string, string>,
  ): Promise<Session> {
    const connection = await engine.connect();
    const settings = new Map(Object.entries(configuration).map(([name, value]) => [name.toUpperCase(), value]));
    await connection.run(PREPARE_CONNECTION);
    try {
      await connection.run(`use "${namespace.catalog}"."${namespace.schema}"`);
    } catch {
      connection.closeSync();
      const name = `\`${namespace.catalog}\`.\`${namespace.schema}\``;
      throw new SqlError('SCHEMA_NOT_FOUND', '42704', `The schema ${name} cannot be found.`);
    }
    return new Session(connection, settings);
  }

  /** Seconds after which a statement is stopped; undefined for no limit. */
  get statementTimeoutSeconds(): number | undefined {
    return Number(this.configuration.get('STATEMENT_TIMEOUT') ?? 0) || undefined;
  }

  /**
   * Runs a statement after the earlier ones.
   *
   * @param started is called when its turn comes.
   * @param signal stops it, then the promise rejects.
   */
  async run(
    statement: string,
    parameters: readonly SparkParameter[],
    started: () => void,
    signal: AbortSignal,
  ): Promise<ResultTable> {
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      started();
      return this.#runNow(statement, parameters, signal);
    });
    this.#last = turn.catch(() => {});
    return await turn;
  }

  close(): void {
    this.#connection.interrupt();
    void this.#last.then(() => this.#connection.closeSync());
  }

  async #runNow(statement: string, parameters: readonly SparkParameter[], signal: AbortSignal): Promise<ResultTable> {
    // An interrupt that comes before the query has begun is lost, so it is repeated until the query has ended.
    let interrupting: NodeJS.Timeout | undefined;
    const interrupt = () => {
      this.#connection.interrupt();
      interrupting = setInterval(() => this.#connection.interrupt(), 10);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      const bound = bindParameters(statement, parameters);
      const plan = await explainCost(this.#connection, bound);
      return await readTable(plan ?? (await this.#connection.run(bound.sql, bound.values, bound.types)));
    } catch (cause) {
      throw toSqlError(cause, statement);
    } finally {
      signal.removeEventListener('abort', interrupt);
      clearInterval(interrupting);
    }
  }
}
