import type { Config } from '@taskwire/config';
import { openDriver, type SqlDriver } from '@taskwire/sql';
import { InvalidParameterError } from '@taskwire/tasks';

/** The configured SQL connections; each is opened when it is first asked for. */
export class SqlConnections implements AsyncDisposable {
  readonly #configs: Config['sql']['connections'];
  readonly #maxQueries: number;
  readonly #drivers = new Map<string, Promise<SqlDriver>>();

  /** @param maxQueries queries that run at a time on a connection, those included that could not be stopped. */
  constructor(configs: Config['sql']['connections'], maxQueries: number) {
    this.#configs = configs;
    this.#maxQueries = maxQueries;
  }

  /** @throws InvalidParameterError when no connection has this name. */
  get(name: string): Promise<SqlDriver> {
    const config = Object.hasOwn(this.#configs, name) ? this.#configs[name] : undefined;
    if (!config) {
      const names = Object.keys(this.#configs).join(', ');
      throw new InvalidParameterError(
        'connection',
        `there is no connection ${JSON.stringify(name)}; there are: ${names}`,
      );
    }
    const { driver, data_directory, memory_limit_mb, threads } = config;
    const opened =
      this.#drivers.get(name) ??
      openDriver({
        driver,
        dataDirectory: data_directory,
        memoryLimitMb: memory_limit_mb,
        threads,
        maxQueries: this.#maxQueries,
      });
    this.#drivers.set(name, opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#drivers.values()].map(async (driver) => (await driver)[Symbol.asyncDispose]()));
  }
}
