import type { TaskDocument, TaskSummary } from '../../api/task-document.ts';
import { ask, me } from '../shared/api.ts';
import { byId, element, setText } from '../shared/dom.ts';
import { shortened } from '../shared/format.ts';
import { keyedList } from '../shared/keyed-list.ts';
import { taskApi } from '../shared/task-link.ts';
import { createTaskRow, type Row } from '../shared/task-row.ts';

const SHOWN = 10;
const REFRESH_MS = 4000;
const QUERY_LENGTH = 160;

const showRows = keyedList(byId('latest'), {
  key: ({ task_id }: Row) => String(task_id),
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

async function show(query: URLSearchParams) {
  const found = await ask(`/api/v1/tasks?${query}`).catch(() => undefined);
  if (!found) return;
  const now = Date.now();
  showRows(found.data.tasks.map((task: TaskSummary) => ({ ...task, now })));
}

function createQueryRow({ task_id }: Row) {
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
    update(row: Row) {
      update(row);
      cancel.hidden = row.status === 'completed' || row.status === 'error';
    },
  };
}

async function readQuery(taskId: string) {
  const answer = await ask(taskApi(taskId)).catch(() => undefined);
  const { query, query_name } = (answer?.data as TaskDocument | undefined)?.parameters ?? {};
  return shortened(String(query ?? query_name ?? '').replace(/\s+/g, ' '), QUERY_LENGTH);
}
