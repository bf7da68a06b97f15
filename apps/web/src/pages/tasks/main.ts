import type { TaskPage, TaskSummary } from '../../api/task-document.ts';
import { ask } from '../shared/api.ts';
import { byId, setText } from '../shared/dom.ts';
import { formatClockWithSeconds, formatMoment } from '../shared/format.ts';
import { keyedList } from '../shared/keyed-list.ts';
import { createTaskRow, type Row } from '../shared/task-row.ts';
import '../shared/visitor.ts';
import { offerBulk } from './bulk.ts';
import { currentFilter, offerFilter } from './filter.ts';

const PAGE = 50;
const REFRESH_MS = 3000;

const showRows = keyedList(byId('tasks'), { key: keyOf, create: createTaskRow });
const more = byId('more') as HTMLButtonElement;
const bulk = offerBulk({ filter: currentFilter, done: () => search() });

let found: TaskSummary[] = [];
let cursor: string | null = null;
let pages = 0;
/** A later search makes the answer of an earlier one worthless. */
let searches = 0;

function keyOf({ task_id, ended_at, task_type, refused }: Omit<Row, 'now'>) {
  return task_id !== null && !refused ? task_id : `refused ${ended_at} ${task_type} ${task_id}`;
}

/** The first page, as it is now. */
async function search() {
  searches += 1;
  const page = await read(null, searches);
  if (!page) return;
  found = page.tasks;
  pages = 1;
  show(page);
  setText(byId('live'), `Live · ${formatClockWithSeconds(new Date().toISOString())}`);
  byId('refresh').hidden = true;
  void bulk.update(found);
}

async function next() {
  more.disabled = true;
  const page = await read(cursor, searches);
  more.disabled = false;
  if (!page) return;
  const known = new Set(found.map(keyOf));
  found = [...found, ...page.tasks.filter((task) => !known.has(keyOf(task)))];
  pages += 1;
  show(page);
  pause();
}

/** @param asked which search */
async function read(from: string | null, asked: number): Promise<TaskPage | undefined> {
  const query = new URLSearchParams({ ...currentFilter(), limit: String(PAGE), ...(from && { cursor: from }) });
  try {
    const { data } = await ask(`/api/v1/tasks?${query}`);
    if (asked !== searches) return undefined;
    byId('fault').hidden = true;
    byId('tasks').classList.remove('old');
    return data;
  } catch (error) {
    setText(byId('fault'), (error as Error).message);
    byId('fault').hidden = false;
    byId('tasks').classList.add('old');
    setText(byId('live'), '');
    return undefined;
  }
}

function show({ cursor: following, looked_back_to, note }: TaskPage) {
  cursor = following;
  const now = Date.now();
  showRows(found.map((task) => ({ ...task, now })));
  byId('nothing').hidden = found.length > 0;
  more.hidden = cursor === null;
  const looked = looked_back_to && `Looked back to ${formatMoment(looked_back_to)}; narrow the search to look further.`;
  setText(byId('looked'), [looked, note].filter(Boolean).join(' '));
}

function pause() {
  setText(byId('live'), 'Not refreshed while you read');
  byId('refresh').hidden = false;
}

/** Rows that move under the eyes of somebody who reads further down, or has marked something, help nobody. */
function isReading() {
  const hasMarked = getSelection()?.isCollapsed === false;
  return pages > 1 || hasMarked || scrollY > byId('tasks').offsetTop || document.querySelector('dialog[open]') !== null;
}

async function refresh() {
  if (!document.hidden) {
    if (isReading()) pause();
    else await search();
  }
  setTimeout(refresh, REFRESH_MS);
}

offerFilter(() => search());
more.addEventListener('click', next);
byId('refresh').addEventListener('click', () => search());
void refresh();
