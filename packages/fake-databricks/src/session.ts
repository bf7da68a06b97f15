import { randomBytes } from 'node:crypto';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { commandIn } from './commands.ts';
import { type Markers, translate } from './dialect.ts';
import { engineCatalog } from './engine.ts';
import { guidText, newGuid } from './guid.ts';
import { describeQuery, type ResultTable, readTable } from './result-table.ts';
import { SqlError, syntaxError, toSqlError } from './sql-error.ts';
import { literal } from './sql-tokens.ts';
import { VOID_ALIAS } from './sql-type.ts';

/** A session of a client: a connection of its own to the engine, on which statements run one after another. */
export class Session {
  readonly guid: Buffer = newGuid();
  readonly id: string = guidText(this.guid);
  readonly secret: Buffer = randomBytes(16);
  /** Settings of the session by upper-case name, such as STATEMENT_TIMEOUT. */
  readonly configuration: Map<string, string>;
  readonly #connection: DuckDBConnection;
  #last: Promise<unknown> = Promise.resolve();
  timeZone = 'UTC';

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
    const session = new Session(connection, settings);
    await connection.run(`set errors_as_json=true; set TimeZone='UTC'; create temp type "${VOID_ALIAS}" as integer`);
    try {
      await connection.run(`use "${engineCatalog(namespace.catalog)}"."${namespace.schema}"`);
    } catch {
      connection.closeSync();
      const name = `\`${namespace.catalog}\`.\`${namespace.schema}\``;
      throw new SqlError('SCHEMA_NOT_FOUND', '42704', `The schema ${name} cannot be found. SQLSTATE: 42704`);
    }
    if (settings.has('TIMEZONE')) await session.setTimeZone(settings.get('TIMEZONE') as string);
    return session;
  }

  /** Seconds after which a statement is stopped; undefined for no limit. */
  get statementTimeoutSeconds(): number | undefined {
    return Number(this.configuration.get('STATEMENT_TIMEOUT') ?? 0) || undefined;
  }

  async setTimeZone(timeZone: string): Promise<void> {
    await this.#connection.run(`set TimeZone=${literal(timeZone)}`);
    this.timeZone = timeZone;
  }

  /**
   * Runs a statement after the earlier ones.
   *
   * @param started is called when its turn comes.
   * @param signal stops it, then the promise rejects.
   */
  async run(statement: string, markers: Markers, started: () => void, signal: AbortSignal): Promise<ResultTable> {
    const turn = this.#last.then(() => {
      signal.throwIfAborted();
      started();
      return this.#runNow(statement, markers, signal);
    });
    this.#last = turn.catch(() => {});
    return await turn;
  }

  close(): void {
    this.#connection.interrupt();
    void this.#last.then(() => this.#connection.closeSync());
  }

  async #runNow(statement: string, markers: Markers, signal: AbortSignal): Promise<ResultTable> {
    const reset = statement.match(/^\s*reset\s+(\w+)[\s;]*$/i);
    if (reset) {
      this.configuration.delete((reset[1] as string).toUpperCase());
      return { columns: [], rowCount: 0 };
    }
    const set = statement.match(/^\s*set\s+(?:time\s+zone\s+|(\w+)\s*=\s*)['"]?([^'";]*?)['"]?[\s;]*$/i);
    if (set) {
      await this.#set(set[1] ?? 'TIMEZONE', set[2] as string);
      return { columns: [], rowCount: 0 };
    }
    const command = commandIn(statement);
    const sql = translate(command?.sql ?? statement, markers);
    if (sql === '') throw syntaxError('end of input', statement);
    try {
      if (command?.describes) return describeQuery(await this.#connection.prepare(sql));
      return await this.#runSql(sql, signal);
    } catch (cause) {
      throw toSqlError(cause, statement, sql);
    }
  }

  async #runSql(sql: string, signal: AbortSignal): Promise<ResultTable> {
    // An interrupt that comes before the query has begun is lost, so it is repeated until the query has ended.
    let interrupting: NodeJS.Timeout | undefined;
    const interrupt = () => {
      this.#connection.interrupt();
      interrupting = setInterval(() => this.#connection.interrupt(), 10);
    };
    signal.addEventListener('abort', interrupt, { once: true });
    try {
      return await readTable(await this.#connection.run(sql));
    } finally {
      signal.removeEventListener('abort', interrupt);
      clearInterval(interrupting);
    }
  }

  async #set(name: string, value: string): Promise<void> {
    this.configuration.set(name.toUpperCase(), value);
    if (name.toUpperCase() === 'TIMEZONE') await this.setTimeZone(value);
  }
}
