/** @import { TaskDocument, TaskSummary } from '../../api/task-document.ts' */
/** @import { Row } from '../shared/task-row.js' */

import { ask, me } from '../shared/api.js';
import { byId, element, setText } from '../shared/dom.js';
import { shortened } from '../shared/format.js';
import { keyedList } from '../shared/keyed-list.js';
import { taskApi } from '../shared/task-link.js';
import { createTaskRow } from '../shared/task-row.js';

const SHOWN = 10;
const REFRESH_MS = 4000;
const QUERY_LENGTH = 160;

const showRows = keyedList(byId('latest'), {
  key: (/** @type {Row} */ { task_id }) => String(task_id),
  create: createQueryRow,
});

/** One's own latest queries; where there is no login, those of all. They stay current while the page can be seen. */
export async function followLatest() {
  const { visitor } = await me;
  const query = new URLSearchParams({
    type: 'sql_query',
    limit: String(SHOWN),
    ...(visitor && { user: visitor.name }),
  });
  setText(byId('latest-title'), visitor ? 'Your latest queries' : 'Latest queries');
  for (;;) {
    if (!document.hidden) await show(query);
    await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
  }
}

/** @param {URLSearchParams} query */
async function show(query) {
  const found = await ask(`/api/v1/tasks?${query}`).catch(() => undefined);
  if (!found) return;
  const now = Date.now();
  showRows(found.data.tasks.map((/** @type {TaskSummary} */ task) => ({ ...task, now })));
}

/** @param {Row} first */
function createQueryRow({ task_id }) {
  const { node, update } = createTaskRow();
  const id = task_id ?? '';
  const code = element('code');
  const cancel = element('button', { type: 'button' }, 'Cancel');
  const edit = element('a', { href: `/sql?from=${encodeURIComponent(id)}` }, 'Edit');
  node.append(element('p', { class: 'query' }, code, ' ', edit, ' ', cancel));
  cancel.addEventListener('click', async () => {
    cancel.disabled = true;
    await ask(taskApi(id), { method: 'DELETE' }).catch(() => undefined);
  });
  void readQuery(id).then((text) => setText(code, text));
  return {
    node,
    /** @param {Row} row */
    update(row) {
      update(row);
      cancel.hidden = row.status === 'completed' || row.status === 'error';
    },
  };
}

/** @param {string} taskId */
async function readQuery(taskId) {
  const answer = await ask(taskApi(taskId)).catch(() => undefined);
  const { query, query_name } = /** @type {TaskDocument | undefined} */ (answer?.data)?.parameters ?? {};
  return shortened(String(query ?? query_name ?? '').replace(/\s+/g, ' '), QUERY_LENGTH);
}
