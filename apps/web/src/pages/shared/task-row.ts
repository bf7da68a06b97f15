import type { TaskSummary } from '../../api/task-document.ts';
import { element, icon, setText } from './dom.ts';
import { plainText } from './exact-json.ts';
import { formatAgo, formatCounted, formatDuration, formatMoment, shortened } from './format.ts';
import { onceChanged } from './once-changed.ts';
import { taskPage } from './task-link.ts';

const ERROR_LENGTH = 300;
const TYPE_LENGTH = 44;

/** A task in a list; with how many others that look the same, and where they are. */
export type Row = Omit<TaskSummary, 'accepted_at' | 'started_at' | 'next_attempt_at' | 'progress' | 'worker'> &
  Partial<TaskSummary> & { now: number; others?: { count: number; href: string } };

/** How a task stands, as a colour and a sign. */
export function levelOf({ status, error_code }: { status: TaskSummary['status']; error_code?: string | null }) {
  if (status === 'completed') return 'good';
  if (status !== 'error') return status === 'running' ? 'note' : 'wait';
  return error_code === 'cancelled' ? 'warn' : 'bad';
}

export function createTaskRow() {
  const state = element('span', { class: 'state' });
  const type = element('span', { class: 'type' });
  const others = element('a', { class: 'others' });
  const id = element('span', { class: 'id' });
  const how = element('span', { class: 'how' });
  const ago = element('time');
  const bar = element('progress', { max: '1', 'aria-label': 'Progress' });
  const error = element('p', { class: 'error' });
  const node = element(
    'li',
    {},
    state,
    element('span', { class: 'type-cell' }, type, ' ', others),
    id,
    how,
    ago,
    bar,
    error,
  );
  const showFixed = onceChanged((row: Row) => {
    const word = row.error_code ?? row.status;
    state.replaceChildren(icon(levelOf(row)), element('span', { class: 'unseen' }, word));
    state.title = word;
    state.className = `state ${levelOf(row)}`;
    setText(type, shortened(row.task_type ?? 'no task type', TYPE_LENGTH));
    others.hidden = row.others === undefined;
    if (row.others) {
      others.href = row.others.href;
      setText(others, `× ${formatCounted(row.others.count, 'time')}`);
    }
    id.title = row.task_id ?? '';
    // A message that was refused has no page: the task of its id may be another one.
    const { task_id, refused } = row;
    const isTask = task_id !== null && !refused;
    id.replaceChildren(isTask ? element('a', { href: taskPage(task_id) }, task_id) : (task_id ?? 'no task id'));
    error.hidden = !row.error;
    error.replaceChildren(
      element('code', {}, row.error_code ?? 'error'),
      ' ',
      shortened(row.error ?? '', ERROR_LENGTH),
    );
  });
  return {
    node,
    update(row: Row) {
      const { now: _now, ...fixed } = row;
      showFixed(fixed as Row);
      const at = row.ended_at ?? row.started_at ?? row.accepted_at ?? null;
      ago.dateTime = at ?? '';
      ago.title = at ? formatMoment(at) : '';
      setText(ago, at ? formatAgo(row.now - Date.parse(at)) : '');
      setText(how, howItRuns(row));
      bar.hidden = !row.progress;
      bar.value = row.progress?.progress ?? 0;
    },
  };
}

function howItRuns(row: Row) {
  const { attempts, duration_ms, user_id, status, progress, worker, next_attempt_at, now } = row;
  const user = plainText(user_id ?? null);
  return [
    ...(user === 'null' ? [] : [`user ${shortened(user, 20)}`]),
    ...(attempts > 1 ? [formatCounted(attempts, 'attempt')] : []),
    ...(status === 'running' ? ['running', ...(worker ? [`on ${worker}`] : [])] : []),
    ...(progress ? [[`${Math.floor(progress.progress * 100)} %`, progress.message].filter(Boolean).join(' ')] : []),
    ...(status === 'waiting' ? ['waiting'] : []),
    ...(next_attempt_at ? [`starts in ${formatDuration(Math.max(0, Date.parse(next_attempt_at) - now))}`] : []),
    ...(status === 'error' && attempts === 0 ? ['not run'] : []),
    ...((status === 'completed' || (status === 'error' && attempts > 0)) && duration_ms !== null
      ? [formatDuration(duration_ms)]
      : []),
  ].join(' · ');
}
