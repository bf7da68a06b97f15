import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** SQLite's code for a file that another process has locked: https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/**
 * A lock on a file that one process at a time can hold; the system releases it when that process dies, however it dies. Node
 * cannot lock files itself; SQLite does it on every system, so the file is a database that stays empty.
 *
 * Nothing else in the process may open the file: closing it would give up the lock (https://www.sqlite.org/howtocorrupt.html).
 */
export class FolderLock implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #file: number;

  private constructor(database: DatabaseSync, path: string) {
    this.#database = database;
    this.#path = path;
    this.#file = statSync(path).ino;
  }

  /**
   * Takes the lock, or says that another process holds it. Never waits.
   *
   * @param path of the lock file; it is created, and stays when the lock is released.
   * @throws the error of SQLite when the file cannot be created or is something else.
   */
  static take(path: string): FolderLock | undefined {
    const database = new DatabaseSync(path, { timeout: 0 });
    try {
      // With its journal in memory it leaves no second file behind.
      database.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      return new FolderLock(database, path);
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined;
      throw error;
    }
  }

  /** Whether the file is still there: once it is removed, another process can lock a new one of its name. */
  get isThere(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#file;
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }
}
