import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
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

/** Those that drivers of this process use, by their real paths. */
const inUse = new Map<string, DatabaseFile>();

/**
 * The database file for a driver, shared with others of this process: two instances on one file would not see each
 * other's changes. It closes when every user has disposed it.
 *
 * @throws {RangeError} when another driver uses the file with other settings
 */
export function databaseFile(options: DuckDbOptions, file: DuckDbFile): DatabaseFile {
  const path = realPath(file.path);
  const known = inUse.get(path);
  if (known) {
    known.share(options, file);
    return known;
  }
  const opened = new DatabaseFile(options, file, () => inUse.delete(path));
  inUse.set(path, opened);
  return opened;
}

/** A database file, opened with the first statement and closed when it was idle for a while. */
export class DatabaseFile implements AsyncDisposable {
  readonly #options: DuckDbOptions;
  readonly #file: DuckDbFile;
  readonly #forget: () => void;
  #drivers = 1;
  #open: Promise<OpenFile> | undefined;
  #closed: Promise<void> = Promise.resolve();
  #users = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: DuckDbOptions, file: DuckDbFile, forget: () => void) {
    this.#options = options;
    this.#file = file;
    this.#forget = forget;
  }

  /** @throws {RangeError} for other settings than its own */
  share(options: DuckDbOptions, file: DuckDbFile): void {
    const [ours, theirs] = [settingsOf(this.#options, this.#file), settingsOf(options, file)];
    if (ours !== theirs) {
      const must = 'read_only, data_directory, memory_limit_mb and threads must be the same for both';
      throw new RangeError(`DuckDB: another connection uses the file ${file.path} with other settings; ${must}`);
    }
    this.#drivers += 1;
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
    this.#drivers -= 1;
    if (this.#drivers > 0) return;
    this.#forget();
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
      exportFolder: () => folders.exportFolder(),
      [Symbol.asyncDispose]: async () => {
        connection.closeSync();
        this.#release();
      },
    };
  }

  #release(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    this.#idle = setTimeout(() => this.#close(), this.#file.idleMs).unref();
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
      await lockDown({ ...this.#options, connection, folders });
      connection.closeSync();
      return { instance, folders };
    } catch (error) {
      await folders[Symbol.asyncDispose]();
      throw cannotOpen(this.#file, error);
    }
  }
}

function settingsOf(options: DuckDbOptions, { readOnly }: DuckDbFile): string {
  const { dataDirectory, exportDirectory, memoryLimitMb, threads } = options;
  return JSON.stringify({ readOnly, dataDirectory, exportDirectory, memoryLimitMb, threads });
}

/** Of a file that may not be there yet. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const folder = dirname(path);
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
}

function cannotOpen({ path, readOnly }: DuckDbFile, error: unknown): SqlConnectionError {
  const reason = error instanceof Error ? error.message : String(error);
  if (!existsSync(path)) {
    const message = `There is no database file ${path}${readOnly ? '' : ', and it could not be made'}`;
    return new SqlConnectionError({ fault: 'not_found', message, cause: error });
  }
  if (/lock/i.test(reason)) {
    const who = readOnly ? 'for writing' : '(only one process can write to it)';
    const message = `The database file ${path} is open in another process ${who}, perhaps a worker of taskwire; close it there`;
    return new SqlConnectionError({ fault: 'busy', message, cause: error });
  }
  // DuckDB's words for a file that is none of its own.
  if (/in-memory database in read-only mode|not a valid DuckDB database/i.test(reason)) {
    const message = `The file ${path} is not a DuckDB database`;
    return new SqlConnectionError({ fault: 'unavailable', message, cause: error });
  }
  const message = `The database file ${path} cannot be opened: ${reason.split('\n')[0]}`;
  return new SqlConnectionError({ fault: 'unavailable', message, cause: error });
}
