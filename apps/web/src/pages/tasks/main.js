/** @import { TaskPage, TaskSummary } from '../../api/task-document.ts' */

import { ask } from '../shared/api.js';
import { byId, setText } from '../shared/dom.js';
import { formatClockWithSeconds, formatMoment } from '../shared/format.js';
import { keyedList } from '../shared/keyed-list.js';
import { createTaskRow } from '../shared/task-row.js';
import '../shared/visitor.js';
import { offerBulk } from './bulk.js';
import { currentFilter, offerFilter } from './filter.js';

const PAGE = 50;
const REFRESH_MS = 3000;

const showRows = keyedList(byId('tasks'), { key: keyOf, create: createTaskRow });
const more = /** @type {HTMLButtonElement} */ (byId('more'));
const bulk = offerBulk({ filter: currentFilter, done: () => search() });

/** @type {TaskSummary[]} */
let found = [];
/** @type {string | null} */
let cursor = null;
let pages = 0;
/** A later search makes the answer of an earlier one worthless. */
let searches = 0;

/** @param {Pick<TaskSummary, 'task_id' | 'ended_at' | 'task_type' | 'refused'>} task */
function keyOf({ task_id, ended_at, task_type, refused }) {
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

/**
 * @param {string | null} from
 * @param {number} asked which search
 * @returns {Promise<TaskPage | undefined>}
 */
async function read(from, asked) {
  const query = new URLSearchParams({ ...currentFilter(), limit: String(PAGE), ...(from && { cursor: from }) });
  try {
    const { data } = await ask(`/api/v1/tasks?${query}`);
    if (asked !== searches) return undefined;
    byId('fault').hidden = true;
    byId('tasks').classList.remove('old');
    return data;
  } catch (error) {
    setText(byId('fault'), /** @type {Error} */ (error).message);
    byId('fault').hidden = false;
    byId('tasks').classList.add('old');
    setText(byId('live'), '');
    return undefined;
  }
}

/** @param {TaskPage} page */
function show({ cursor: following, looked_back_to, note }) {
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
