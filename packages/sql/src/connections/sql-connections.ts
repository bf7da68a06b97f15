import type { Config, SqlConnectionConfig } from '@taskwire/config';
import { InvalidParameterError } from '@taskwire/tasks';
import type { SqlDriver } from '../driver.ts';
import { openDriver } from '../open-driver.ts';
import { SqlConnectionError } from '../sql-error.ts';
import { driverOptionsOf } from './driver-options.ts';

/** The configured SQL connections; each is opened when it is first asked for, and then kept. */
export class SqlConnections implements AsyncDisposable {
  readonly #config: Pick<Config, 'sql' | 'results' | 'sql_worker'>;
  readonly #drivers = new Map<string, Promise<SqlDriver>>();

  constructor(config: Pick<Config, 'sql' | 'results' | 'sql_worker'>) {
    this.#config = config;
  }

  /** In the order of the configuration. */
  get names(): string[] {
    return Object.keys(this.#config.sql.connections);
  }

  /** @throws InvalidParameterError when no connection has this name. */
  config(name: string): SqlConnectionConfig {
    const { connections } = this.#config.sql;
    const config = Object.hasOwn(connections, name) ? connections[name] : undefined;
    if (config) return config;
    const problem = `there is no connection ${JSON.stringify(name)}; there are: ${this.names.join(', ')}`;
    throw new InvalidParameterError('connection', problem);
  }

  /**
   * @throws InvalidParameterError when no connection has this name.
   * @throws SqlConnectionError when its configuration lacks something, as a variable that is not set.
   */
  async driver(name: string): Promise<SqlDriver> {
    const known = this.#drivers.get(name);
    if (known) return known;
    const opened = this.#open(name);
    this.#drivers.set(name, opened);
    // For example a variable that is not set: the next caller gets the error again.
    opened.catch(() => this.#drivers.delete(name));
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#drivers.values()].map(async (driver) => (await driver)[Symbol.asyncDispose]()));
  }

  async #open(name: string): Promise<SqlDriver> {
    const config = this.config(name);
    const { sql_worker, results } = this.#config;
    const around = { maxConcurrent: sql_worker.concurrency, resultsDirectory: results.directory };
    const options = driverOptionsOf({ name, config, ...around });
    return openDriver(options).catch((error: unknown) => {
      // What a driver finds wrong in its options before it connects.
      if (!(error instanceof RangeError)) throw error;
      const message = `${error.message} (sql.connections.${name})`;
      throw new SqlConnectionError({ fault: 'misconfigured', message, cause: error });
    });
  }
}
