import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { type Row, SUMMARY, type Summary } from './row.ts';

export interface KeptFilter {
  /** A task id, or how one begins. */
  id?: string | undefined;
  types?: readonly string[] | undefined;
  /** JSON of user ids, any of them. */
  users?: readonly string[] | undefined;
  status?: Row['status'] | undefined;
  code?: string | undefined;
  /** Of their end, in ms since 1970. */
  since?: number | undefined;
  /** Before this one. */
  until?: number | undefined;
  /** Without messages that were refused: they may name somebody else's task. */
  tasksOnly?: boolean | undefined;
  /** Words that are all in the parameters, the metadata or the error. */
  text?: string | undefined;
  /** Whether it looks at nothing else than these users and types: then where it stops tells nothing of others. */
  strict?: boolean | undefined;
}

/** Where a page ends: by time, or by id. */
export type Place = [number, number] | [string, string];

export interface SearchOptions {
  limit: number;
  after?: Place | undefined;
  /** Longest time that it takes. */
  budgetMs: number;
}

export interface Found {
  rows: Summary[];
  /** Where the next page begins; undefined when there is none. */
  next: Place | undefined;
  /** In ms since 1970, when the time was up before the page was full. */
  lookedBackTo: number | undefined;
}

interface Candidate {
  rowid: number;
  ended: number;
  id: string;
  entry: string;
  hit: 0 | 1;
}

/** Tasks that fit, latest end first; by id if the filter names one. Each step is along an index, and looks at one row. */
export function search(database: DatabaseSync, filter: KeptFilter, { limit, after, budgetMs }: SearchOptions): Found {
  const deadline = performance.now() + budgetMs;
  const rowids: number[] = [];
  let next: Place | undefined;
  let lookedBackTo: number | undefined;
  for (const { rowid, ended, id, entry, hit } of merged(walksOf(database, filter, after))) {
    if (hit) rowids.push(rowid);
    const isLate = performance.now() > deadline;
    if (rowids.length < limit && !isLate) continue;
    next = isById(filter) ? [id, entry] : [ended, rowid];
    if (rowids.length < limit) lookedBackTo = ended;
    break;
  }
  const get = database.prepare(`SELECT ${SUMMARY} FROM task WHERE rowid = ?`);
  return { rows: rowids.map((rowid) => get.get(rowid)) as unknown as Summary[], next, lookedBackTo };
}

function isById({ id, strict }: KeptFilter): boolean {
  return id !== undefined && !strict;
}

/** Conditions, each with its values. */
type Conditions = [sql: string, ...values: SQLInputValue[]][];

/** One walk for each beginning of the index that fits: two users, or two states, are two. */
function walksOf(database: DatabaseSync, filter: KeptFilter, after: Place | undefined): Generator<Candidate>[] {
  const { id, types, users, status, code, since, until, strict } = filter;
  const hits = hitsOf(filter);
  if (id !== undefined && isById(filter)) {
    const along: Conditions = [beginsWith(id)];
    if (after) along.push(['(id, entry) > (?, ?)', ...after]);
    return [walk(database, { index: 'task_id', order: 'id, entry', along, hits })];
  }
  const past: Conditions = [];
  if (since !== undefined) past.push(['ended >= ?', since]);
  if (until !== undefined) past.push(['ended < ?', until]);
  if (after) past.push(['(ended, rowid) < (?, ?)', ...after]);
  const walks = (index: string, ...beginnings: Conditions) =>
    beginnings.map((beginning) =>
      walk(database, { index, order: 'ended DESC, rowid DESC', along: [beginning, ...past], hits }),
    );
  if (users) return walks('task_user', ...users.map((user): Conditions[0] => ['user = ?', user]));
  if (code !== undefined && !(strict && types)) return walks('task_code', ['code = ?', code]);
  if (types) {
    const states = status ? [status] : ['completed', 'error'];
    const ofType = (type: string) => states.map((state): Conditions[0] => ['type = ? AND status = ?', type, state]);
    return walks('task_type', ...types.flatMap(ofType));
  }
  return status ? walks('task_status', ['status = ?', status]) : walks('task_ended', ['1']);
}

/** All of the filter, also what the index has seen to. */
function hitsOf({ id, types, users, status, code, since, until, tasksOnly, text = '' }: KeptFilter): Conditions {
  const conditions: Conditions = [['1']];
  if (tasksOnly) conditions.push([`entry = ''`]);
  if (id !== undefined) conditions.push(beginsWith(id));
  if (types) conditions.push([`type IN (${types.map(() => '?')})`, ...types]);
  if (users) conditions.push([`user IN (${users.map(() => '?')})`, ...users]);
  if (status !== undefined) conditions.push(['status = ?', status]);
  if (code !== undefined) conditions.push(['code = ?', code]);
  if (since !== undefined) conditions.push(['ended >= ?', since]);
  if (until !== undefined) conditions.push(['ended < ?', until]);
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const like = (part: string) => `%${part.replace(/[%_~]/g, '~$&')}%`;
    const inJson = like(JSON.stringify(word).slice(1, -1));
    const sql = ['error', 'parameters', 'metadata'].map((column) => `${column} LIKE ? ESCAPE '~'`).join(' OR ');
    conditions.push([sql, like(word), inJson, inJson]);
  }
  return conditions;
}

function beginsWith(id: string): Conditions[0] {
  return ['id >= ? AND id < ?', id, `${id}\u{10ffff}`];
}

interface Walk {
  index: string;
  order: string;
  along: Conditions;
  hits: Conditions;
}

function walk(database: DatabaseSync, { index, order, along, hits }: Walk): Generator<Candidate> {
  const sqlOf = (conditions: Conditions) => conditions.map(([sql]) => `(${sql})`).join(' AND ');
  const sql = `SELECT rowid, ended, id, entry, coalesce(${sqlOf(hits)}, 0) AS hit FROM task INDEXED BY ${index}
    WHERE ${sqlOf(along)} ORDER BY ${order}`;
  const values = [...hits, ...along].flatMap(([, ...each]) => each);
  return database.prepare(sql).iterate(...values) as unknown as Generator<Candidate>;
}

/** One after the other, latest first. */
function* merged(walks: Generator<Candidate>[]): Generator<Candidate> {
  try {
    const heads = walks.map((each) => each.next());
    for (;;) {
      let best = -1;
      for (const [index, { value, done }] of heads.entries()) {
        if (!done && (best === -1 || isLater(value, heads[best]?.value))) best = index;
      }
      if (best === -1) return;
      yield heads[best]?.value as Candidate;
      heads[best] = (walks[best] as Generator<Candidate>).next();
    }
  } finally {
    // A statement that is not at its end keeps the file as it was then.
    for (const each of walks) each.return(undefined);
  }
}

function isLater(one: Candidate, other: Candidate): boolean {
  return one.ended > other.ended || (one.ended === other.ended && one.rowid > other.rowid);
}
