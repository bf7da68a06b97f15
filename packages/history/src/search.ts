import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Row } from './row.ts';

export interface KeptFilter {
  /** A task id, or how one begins. */
  id?: string | undefined;
  type?: string | undefined;
  /** JSON of user ids, any of them. */
  users?: readonly string[] | undefined;
  status?: Row['status'] | undefined;
  code?: string | undefined;
  /** Of their end, in ms since 1970. */
  since?: number | undefined;
  /** Before this one. */
  until?: number | undefined;
  /** Words that are all in the parameters, the metadata or the error. */
  text?: string | undefined;
}

/** Where a page ends, in the order of the search. */
export type Place = [number, number] | [string, string];

export interface SearchOptions {
  limit: number;
  after?: Place | undefined;
  /** Longest time that it takes. */
  budgetMs: number;
}

export interface Found {
  rows: Row[];
  /** Where the next page begins; undefined when there is none. */
  next: Place | undefined;
  /** In ms since 1970, when the time was up before the page was full. */
  lookedBackTo: number | undefined;
}

interface Candidate {
  place: Place;
  rowid: number;
  ended: number;
  hit: 0 | 1;
}

/** What a list shows of a task: all but the long columns. */
const SUMMARY = 'id, entry, type, user, status, code, accepted, started, ended, attempts, duration, worker, error';

/** Tasks that fit, latest end first; by id if the filter names one. Each step of it is along an index, and looks at one row. */
export function search(database: DatabaseSync, filter: KeptFilter, { limit, after, budgetMs }: SearchOptions): Found {
  const deadline = performance.now() + budgetMs;
  const rowids: number[] = [];
  const found = (last?: Candidate, isLate = false): Found => ({
    rows: rowids.map((rowid) => database.prepare(`SELECT ${SUMMARY} FROM task WHERE rowid = ?`).get(rowid)) as never[],
    next: last?.place,
    lookedBackTo: isLate ? last?.ended : undefined,
  });
  for (const candidate of merged(walksOf(database, filter, after))) {
    if (candidate.hit) rowids.push(candidate.rowid);
    if (rowids.length === limit) return found(candidate);
    if (performance.now() > deadline) return found(candidate, true);
  }
  return found();
}

/** Conditions, each with its values. */
type Conditions = [sql: string, ...values: SQLInputValue[]][];

/** One walk for each beginning of the index that fits: two users, or two states, are two. */
function walksOf(database: DatabaseSync, filter: KeptFilter, after: Place | undefined): Generator<Candidate>[] {
  const { id, type, users, status } = filter;
  if (id !== undefined) {
    const range: Conditions = [['id >= ? AND id < ?', id, `${id}\u{10ffff}`]];
    if (after) range.push(['(id, entry) > (?, ?)', ...after]);
    return [walk(database, { index: 'task_id', order: 'id, entry', along: range, hits: hitsOf(filter, []) })];
  }
  const past: Conditions = [];
  if (filter.since !== undefined) past.push(['ended >= ?', filter.since]);
  if (filter.until !== undefined) past.push(['ended < ?', filter.until]);
  if (after) past.push(['(ended, rowid) < (?, ?)', ...after]);
  const order = 'ended DESC, rowid DESC';
  const walks = (index: string, beginnings: Conditions[], done: (keyof KeptFilter)[]) =>
    beginnings.map((along) =>
      walk(database, { index, order, along: [...along, ...past], hits: hitsOf(filter, [...done, 'since', 'until']) }),
    );
  if (users) {
    return walks(
      'task_user',
      users.map((user) => [['user = ?', user]]),
      ['users'],
    );
  }
  if (type !== undefined) {
    const states = status ? [status] : ['completed', 'error'];
    return walks(
      'task_type',
      states.map((state) => [['type = ? AND status = ?', type, state]]),
      ['type', 'status'],
    );
  }
  const state = status ?? (filter.code === undefined ? undefined : 'error');
  if (state) return walks('task_status', [[['status = ?', state]]], ['status']);
  return walks('task_ended', [[]], []);
}

/** What the index does not answer. */
function hitsOf(filter: KeptFilter, done: readonly (keyof KeptFilter)[]): Conditions {
  const { type, users, status, code, since, until, text } = filter;
  const conditions: Conditions = [];
  if (type !== undefined && !done.includes('type')) conditions.push(['type = ?', type]);
  if (users && !done.includes('users')) conditions.push([`user IN (${users.map(() => '?')})`, ...users]);
  if (status !== undefined && !done.includes('status')) conditions.push(['status = ?', status]);
  if (code !== undefined) conditions.push(['code = ?', code]);
  if (since !== undefined && !done.includes('since')) conditions.push(['ended >= ?', since]);
  if (until !== undefined && !done.includes('until')) conditions.push(['ended < ?', until]);
  for (const word of text?.split(/\s+/).filter(Boolean) ?? []) {
    const inText = likeAny(word);
    const inJson = likeAny(JSON.stringify(word).slice(1, -1));
    const [like, either] = [`LIKE ? ESCAPE '~'`, ' OR '];
    const sql = [`error ${like}`, `parameters ${like}`, `metadata ${like}`].join(either);
    conditions.push([`coalesce(${sql}, 0)`, inText, inJson, inJson]);
  }
  return conditions;
}

function likeAny(word: string): string {
  return `%${word.replace(/[%_~]/g, '~$&')}%`;
}

interface Walk {
  index: string;
  order: string;
  along: Conditions;
  hits: Conditions;
}

function* walk(database: DatabaseSync, { index, order, along, hits }: Walk): Generator<Candidate> {
  const sqlOf = (conditions: Conditions) => conditions.map(([sql]) => `(${sql})`).join(' AND ') || '1';
  const sql = `SELECT rowid, ended, id, entry, ${sqlOf(hits)} AS hit FROM task INDEXED BY ${index} WHERE ${sqlOf(along)}`;
  const values = [...hits, ...along].flatMap(([, ...each]) => each);
  for (const row of database.prepare(`${sql} ORDER BY ${order}`).iterate(...values)) {
    const { rowid, ended, id, entry, hit } = row as unknown as Candidate & { id: string; entry: string };
    yield { place: order.startsWith('id') ? [id, entry] : [ended, rowid], rowid, ended, hit };
  }
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
