import type { ResultEntry } from '@taskwire/store';
import { HistoryDatabase } from './database.ts';
import { type Row, rowOf } from './row.ts';
import { type Found, type KeptFilter, type SearchOptions, search } from './search.ts';

export interface HistoryFileOptions {
  path: string;
  /** Whether parameters are kept. */
  keepsParameters: boolean;
  keepDays: number;
  maxBytes: number;
}

/** Something that somebody did. */
export interface AuditEntry {
  by: string;
  action: string;
  task_id: string | null;
  detail?: string | undefined;
}

/** Rows, pages and bytes that are removed at a time: readers wait that long. */
const STEP = 500;
const STEP_BYTES = 1024 ** 2;

/** Columns that make the size of a row. */
const LONG = ['error', 'metadata', 'parameters', 'run', 'message'];

const DAY_MS = 24 * 60 * 60 * 1000;

/** The oldest tasks, each with about the size of those that are older. */
const OLDEST = `
  SELECT rowid, ended, sum(size) OVER (ORDER BY ended, rowid) - size AS older FROM (
    SELECT rowid, ended, 200 + ${LONG.map((column) => `ifnull(octet_length(${column}), 0)`).join(' + ')} AS size
    FROM task ORDER BY ended, rowid LIMIT ${STEP})`;

/** A task that came twice is there once; of a task that was run again, the latest end counts. */
function putSql(row: Row): string {
  const names = Object.keys(row);
  const values = names.map((name) => `:${name}`);
  const changes = names.map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO task (${names}) VALUES (${values}) ON CONFLICT (id, entry) DO UPDATE SET ${changes} WHERE excluded.ended >= ended`;
}

/** What can be done with the file. All of it is synchronous: it has a thread of its own. */
export class HistoryFile {
  readonly #options: HistoryFileOptions;
  readonly #database: HistoryDatabase;

  /** @param say is told what people should know. */
  constructor(options: HistoryFileOptions, say: (sentence: string) => void) {
    this.#options = options;
    this.#database = new HistoryDatabase(options.path, say);
  }

  /**
   * Writes what has ended. `empty`: nothing is written, since this is not the file that the caller knows, and it is empty.
   *
   * @param known what the last call said of the file.
   */
  write(entries: readonly ResultEntry[], known: number | undefined): { status: 'written' | 'empty'; file: number } {
    const rows = entries.flatMap((entry) => rowOf(entry, this.#options.keepsParameters) ?? []);
    return this.#database.use((database, file) => {
      const isEmpty = file !== known && !database.prepare('SELECT 1 FROM task LIMIT 1').get();
      if (isEmpty) return { status: 'empty', file };
      const [first] = rows;
      if (!first) return { status: 'written', file };
      const put = database.prepare(putSql(first));
      database.exec('BEGIN IMMEDIATE');
      try {
        for (const row of rows) put.run({ ...row });
        database.exec('COMMIT');
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
      return { status: 'written', file };
    });
  }

  /** All of a task; of a message that named it and was refused, if there is no such task. */
  get(id: string): Row | undefined {
    const sql = `SELECT * FROM task WHERE id = ? ORDER BY entry <> '', ended DESC LIMIT 1`;
    return this.#database.use((database) => database.prepare(sql).get(id)) as Row | undefined;
  }

  find(filter: KeptFilter, options: SearchOptions): Found {
    return this.#database.use((database) => search(database, filter, options));
  }

  /** Removes what is known of a user, at most a step of it. @returns the ids of these tasks, empty for refused messages; none when nothing is left */
  forget(users: readonly string[]): string[] {
    return this.#database.use((database) => {
      const which = `user IN (${users.map(() => '?')})`;
      const gone = database
        .prepare(
          `DELETE FROM task WHERE rowid IN (SELECT rowid FROM task WHERE ${which} LIMIT ${STEP}) RETURNING id, entry`,
        )
        .all(...users) as { id: string; entry: string }[];
      const forgetAudit = database.prepare('DELETE FROM audit WHERE task_id = ?');
      // A message that was refused may have named somebody else's task.
      const ids = gone.map(({ id, entry }) => (entry === '' ? id : ''));
      for (const id of ids) forgetAudit.run(id);
      return ids;
    });
  }

  /** Takes what was removed out of the files besides, too. @throws Error while somebody else reads the file */
  scrub(): void {
    this.#database.use((database) => {
      this.#database.removeDamaged(Date.now());
      const { busy } = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number };
      const { path } = this.#options;
      if (busy)
        throw new Error(
          `another program reads ${path}, so what was removed is still in ${path}-wal: try again when it has ended`,
        );
    });
  }

  audit({ by, action, task_id, detail }: AuditEntry): void {
    const sql = 'INSERT INTO audit (at, by, action, task_id, detail) VALUES (?, ?, ?, ?, ?)';
    this.#database.use((database) => database.prepare(sql).run(Date.now(), by, action, task_id, detail ?? null));
  }

  close(): void {
    this.#database[Symbol.dispose]();
  }

  /** Removes a step of what is too old or too much. @returns whether there is more */
  prune(): boolean {
    const { keepDays, maxBytes } = this.#options;
    const before = Date.now() - keepDays * DAY_MS;
    return this.#database.use((database) => {
      this.#database.removeDamaged(before);
      const number = (sql: string) => Object.values(database.prepare(sql).get() as object)[0] as number;
      const excess = () =>
        (number('PRAGMA page_count') - number('PRAGMA freelist_count')) * number('PRAGMA page_size') - maxBytes;
      const tasks = database
        .prepare(`DELETE FROM task WHERE rowid IN (SELECT rowid FROM (${OLDEST}) WHERE ended < ? OR older < ?)`)
        .run(before, Math.min(excess(), STEP_BYTES)).changes;
      const audits = database
        .prepare(`DELETE FROM audit WHERE rowid IN (SELECT rowid FROM audit WHERE at < ? ORDER BY at LIMIT ${STEP})`)
        .run(before).changes;
      database.exec(`PRAGMA incremental_vacuum(${STEP})`);
      return tasks === STEP || audits === STEP || excess() > 0 || number('PRAGMA freelist_count') > 0;
    });
  }
}
