import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Of the tables; a file of a later one is left alone. */
const VERSION = 1;

const WAIT_FOR_OTHERS_MS = 5000;

/** Small columns come first: long rows go on in further pages. `entry` is empty, except of a message that was refused. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS task (
    id TEXT NOT NULL, entry TEXT NOT NULL, type TEXT, user TEXT NOT NULL, status TEXT NOT NULL, code TEXT,
    accepted INTEGER, started INTEGER, ended INTEGER NOT NULL, attempts INTEGER NOT NULL, duration REAL, queued REAL,
    worker TEXT, bytes INTEGER NOT NULL, error TEXT, metadata TEXT, parameters TEXT, run TEXT, message TEXT
  );
  CREATE UNIQUE INDEX IF NOT EXISTS task_id ON task (id, entry);
  CREATE INDEX IF NOT EXISTS task_user ON task (user, ended);
  CREATE INDEX IF NOT EXISTS task_type ON task (type, status, ended);
  CREATE INDEX IF NOT EXISTS task_code ON task (code, ended) WHERE code IS NOT NULL;
  CREATE INDEX IF NOT EXISTS task_status ON task (status, ended);
  CREATE INDEX IF NOT EXISTS task_ended ON task (ended);
  CREATE TABLE IF NOT EXISTS audit (at INTEGER NOT NULL, by TEXT NOT NULL, action TEXT NOT NULL, task_id TEXT, detail TEXT);
  CREATE INDEX IF NOT EXISTS audit_at ON audit (at);
  PRAGMA user_version = ${VERSION};
`;

/** SQLite's codes for a file that is damaged, or none of SQLite: https://www.sqlite.org/rescode.html */
const DAMAGED: readonly unknown[] = [11, 26];

/** How the name of one goes on; the time follows, in ms since 1970. */
const DAMAGED_FILE = '.damaged-';

/** The file of the history. It is opened when it is used, and made anew when it is gone or damaged. */
export class HistoryDatabase implements Disposable {
  readonly #path: string;
  readonly #say: (sentence: string) => void;
  #open: { database: DatabaseSync; inode: number | undefined; opened: number } | undefined;

  /** @param say is told when a damaged file was moved away. */
  constructor(path: string, say: (sentence: string) => void) {
    this.#path = path;
    this.#say = say;
  }

  /**
   * Does something with it, again with a new file if this one is damaged.
   *
   * @param action gets a number that is another one each time the file is opened.
   */
  use<T>(action: (database: DatabaseSync, opened: number) => T): T {
    const act = () => {
      const { database, opened } = this.#opened();
      return action(database, opened);
    };
    try {
      return act();
    } catch (error) {
      const { errcode } = error as { errcode?: number };
      if (errcode === undefined || !DAMAGED.includes(errcode & 0xff)) throw error;
      this.#moveAside(error as Error);
      return act();
    }
  }

  [Symbol.dispose](): void {
    if (this.#open?.database.isOpen) this.#open.database.close();
    this.#open = undefined;
  }

  /** Removes damaged files that were moved away until then. */
  removeDamaged(untilMs: number): void {
    const folder = dirname(this.#path);
    const beginning = basename(this.#path) + DAMAGED_FILE;
    for (const name of readdirSync(folder)) {
      const isOld = Number.parseInt(name.slice(beginning.length), 10) <= untilMs;
      if (isOld && name.startsWith(beginning)) rmSync(join(folder, name), { force: true });
    }
  }

  #opened() {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (this.#open && this.#open.inode === now?.ino) {
      if (now?.size !== 0) return this.#open;
      // Somebody has emptied it. Closing it would write what SQLite has of it into the next one.
      rmSync(this.#path);
    }
    this[Symbol.dispose]();
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    // What is left of a file that somebody has deleted does not belong to the next one.
    if (inodeOf(this.#path) === undefined)
      for (const end of ['-wal', '-shm']) rmSync(this.#path + end, { force: true });
    const database = new DatabaseSync(this.#path, { timeout: WAIT_FOR_OTHERS_MS });
    try {
      // Nothing else may open the file here, since closing it would give up SQLite's lock on it.
      chmodSync(this.#path, 0o600);
      this.#prepare(database);
    } catch (error) {
      database.close();
      throw error;
    }
    // The next file may get the number of one that is gone.
    const opened = performance.timeOrigin + performance.now();
    this.#open = { database, inode: inodeOf(this.#path), opened };
    return this.#open;
  }

  #prepare(database: DatabaseSync): void {
    const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (version > VERSION) {
      throw new Error(`${this.#path} was made by a later version of taskwire: start that one, or move the file away`);
    }
    // Each commit is on the disk before its entries are acknowledged. Pages that pruning frees go back to the system. What is removed or
    // written over is gone for good.
    database.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;
      PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -32768`);
    if (version < VERSION) database.exec(TABLES);
  }

  #moveAside({ message }: Error): void {
    this[Symbol.dispose]();
    const aside = this.#path + DAMAGED_FILE + Date.now();
    for (const end of ['', '-wal', '-shm']) {
      if (inodeOf(this.#path + end) !== undefined) renameSync(this.#path + end, aside + end);
    }
    this.#say(`${this.#path} was damaged (${message}): it is ${aside} now, and a new one takes its place`);
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
