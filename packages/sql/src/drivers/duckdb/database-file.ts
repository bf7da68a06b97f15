import { access } from 'node:fs/promises';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { SqlConnectionError } from '../../sql-error.ts';
import { lockDown } from './lock-down.ts';
import type { DuckDbFile, DuckDbOptions } from './options.ts';
import { createPrivateFolders, type PrivateFolders } from './private-folders.ts';
import type { DuckDbSession } from './session.ts';

interface OpenFile {
  instance: DuckDBInstance;
  folders: PrivateFolders;
}

/**
 * A database file, opened with the first statement and closed when it was idle for a while.
 *
 * There must be one instance per file and process: two of them would not know of each other's changes.
 */
export class DatabaseFile implements AsyncDisposable {
  readonly #options: DuckDbOptions;
  readonly #file: DuckDbFile;
  #open: Promise<OpenFile> | undefined;
  #closed: Promise<void> = Promise.resolve();
  #users = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: DuckDbOptions, file: DuckDbFile) {
    this.#options = options;
    this.#file = file;
  }

  async session(): Promise<DuckDbSession> {
    this.#users += 1;
    clearTimeout(this.#idle);
    try {
      this.#open ??= this.#closed.then(() => this.#openFile());
      const { instance, folders } = await this.#open;
      return this.#sessionOn(await instance.connect(), folders);
    } catch (error) {
      this.#open = undefined;
      this.#release();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle);
    this.#close();
    await this.#closed;
  }

  #sessionOn(connection: DuckDBConnection, folders: PrivateFolders): DuckDbSession {
    return {
      connection,
      writable: !this.#file.readOnly,
      // The instance was locked when it was opened, for all of its connections.
      lockDown: async () => undefined,
      exportFolder() {
        if (!folders.export) throw new Error('this DuckDB has no export folder');
        return folders.export;
      },
      [Symbol.asyncDispose]: async () => {
        connection.closeSync();
        this.#release();
      },
    };
  }

  #release(): void {
    this.#users -= 1;
    if (this.#users === 0) this.#idle = setTimeout(() => this.#close(), this.#file.idleMs).unref();
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    const closed = open.then(async ({ instance, folders }) => {
      instance.closeSync();
      await folders[Symbol.asyncDispose]();
    });
    this.#closed = closed.catch(() => undefined);
  }

  async #openFile(): Promise<OpenFile> {
    const { path, readOnly } = this.#file;
    const folders = await createPrivateFolders(this.#options.exportDirectory);
    try {
      const instance = await DuckDBInstance.create(path, { access_mode: readOnly ? 'READ_ONLY' : 'READ_WRITE' });
      const connection = await instance.connect();
      await lockDown({ ...this.#options, connection, folders, relativeFiles: [] });
      connection.closeSync();
      return { instance, folders };
    } catch (error) {
      await folders[Symbol.asyncDispose]();
      throw await cannotOpen(this.#file, error);
    }
  }
}

async function cannotOpen({ path, readOnly }: DuckDbFile, error: unknown): Promise<SqlConnectionError> {
  const reason = error instanceof Error ? error.message : String(error);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    const message = `There is no database file ${path}${readOnly ? '' : ', and it could not be made'}`;
    return new SqlConnectionError({ fault: 'not_found', message, cause: error });
  }
  if (/lock/i.test(reason)) {
    const who = readOnly ? 'for writing' : '(only one process can write to it)';
    const message = `The database file ${path} is open in another process ${who}; close it there`;
    return new SqlConnectionError({ fault: 'busy', message, cause: error });
  }
  const message = `The database file ${path} cannot be opened: ${reason.split('\n')[0]}`;
  return new SqlConnectionError({ fault: 'unavailable', message, cause: error });
}
