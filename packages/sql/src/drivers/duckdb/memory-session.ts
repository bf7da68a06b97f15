import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { lockDown } from './lock-down.ts';
import type { DuckDbOptions } from './options.ts';
import { createPrivateFolders, type PrivateFolders } from './private-folders.ts';
import type { DuckDbSession } from './session.ts';

/** An empty database in memory for one statement, so that nothing stays for the next one. That costs about 20 ms. */
export async function openMemorySession(options: DuckDbOptions): Promise<DuckDbSession> {
  const instance = await DuckDBInstance.create(':memory:');
  return new MemorySession(options, instance, await instance.connect());
}

class MemorySession implements DuckDbSession {
  readonly connection: DuckDBConnection;
  readonly writable = false;
  readonly #options: DuckDbOptions;
  readonly #instance: DuckDBInstance;
  #folders: PrivateFolders | undefined;

  constructor(options: DuckDbOptions, instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#options = options;
    this.#instance = instance;
    this.connection = connection;
  }

  async lockDown(): Promise<void> {
    this.#folders = await createPrivateFolders(this.#options.exportDirectory);
    await lockDown({ ...this.#options, connection: this.connection, folders: this.#folders });
  }

  async exportFolder(): Promise<string> {
    if (!this.#folders) throw new Error('exportFolder() before lockDown()');
    return this.#folders.exportFolder();
  }

  /** Call it when nothing runs any more: DuckDB would wait and block the whole process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.closeSync();
    this.#instance.closeSync();
    await this.#folders?.[Symbol.asyncDispose]();
  }
}
