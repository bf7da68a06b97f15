import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { lockDown } from './lock-down.ts';
import type { DuckDbOptions } from './options.ts';

/** One in-memory instance of DuckDB, for one query. */
export class DuckDbSession implements AsyncDisposable {
  readonly #options: DuckDbOptions;
  #instance: DuckDBInstance | undefined;
  #connection: DuckDBConnection | undefined;
  #spillDirectory: string | undefined;

  constructor(options: DuckDbOptions) {
    this.#options = options;
  }

  /** Opens the instance. Until `lockDown` it may only parse. */
  async open(): Promise<DuckDBConnection> {
    this.#instance = await DuckDBInstance.create(':memory:');
    this.#connection = await this.#instance.connect();
    return this.#connection;
  }

  /** Shuts everything but reading in the data directory, for good. `relativeFiles` are those that the query names. */
  async lockDown(relativeFiles: readonly string[]): Promise<void> {
    if (!this.#connection) throw new Error('lockDown() before open()');
    // A folder of our own, which nobody else may look into: DuckDB's default is `.tmp` in the working directory.
    this.#spillDirectory = await mkdtemp(join(tmpdir(), 'taskwire-sql-'));
    await lockDown({
      ...this.#options,
      connection: this.#connection,
      spillDirectory: this.#spillDirectory,
      relativeFiles,
    });
  }

  interrupt(): void {
    this.#connection?.interrupt();
  }

  /** To be called when nothing runs any more: DuckDB waits for what does, and holds up the whole process meanwhile. */
  async [Symbol.asyncDispose](): Promise<void> {
    const [connection, instance] = [this.#connection, this.#instance];
    this.#connection = undefined;
    this.#instance = undefined;
    connection?.closeSync();
    instance?.closeSync();
    if (this.#spillDirectory) await rm(this.#spillDirectory, { recursive: true, force: true });
  }
}
