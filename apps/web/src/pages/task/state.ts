import type { TaskDocument } from '../../api/task-document.ts';
import { byId, element, setAttributes, setText } from '../shared/dom.ts';
import { formatAgo, formatCounted, formatDuration } from '../shared/format.ts';
import { onceChanged } from '../shared/once-changed.ts';
import { levelOf } from '../shared/task-row.ts';

const use = byId('head').querySelector('use') as Element;

/** The banner: what became of the task, in words. */
export function showState(task: TaskDocument, now: number) {
  const level = levelOf(task);
  const type = task.task_type ?? 'No task type';
  setAttributes(byId('head'), { 'data-level': level });
  setAttributes(use, { href: `#icon-${level}` });
  setText(byId('title'), type);
  setText(byId('state'), stateOf(task, now));
  const news = `${type}: ${task.error_code ?? task.status}`;
  document.title = `${news} · taskwire`;
  setText(byId('news'), news);
  showError(task);
  showProgress(task.status === 'running' || task.status === 'waiting' ? task.progress : null);
}

function stateOf(
  { status, error_code, attempts, accepted_at, started_at, ended_at, next_attempt_at, duration_ms }: TaskDocument,
  now: number,
) {
  const since = (at: string | null) => Math.max(0, now - Date.parse(at ?? ''));
  const ended = ended_at ? formatAgo(since(ended_at)) : '';
  const tries = attempts > 1 ? ` in ${formatCounted(attempts, 'attempt')}` : '';
  switch (status) {
    case 'completed':
      return `Completed in ${formatDuration(duration_ms ?? 0)}${attempts > 1 ? `, after ${formatCounted(attempts - 1, 'other attempt')}` : ''} · ${ended}`;
    case 'error':
      if (error_code === 'cancelled') return `Cancelled${attempts === 0 ? ' before it ran' : ''} · ${ended}`;
      return `${attempts === 0 ? 'Ended before it ran' : `Failed${tries}`} · ${ended}`;
    case 'running':
      return started_at ? `Running for ${formatDuration(since(started_at))}` : 'Running';
    case 'delayed':
      return next_attempt_at
        ? `Starts in ${formatDuration(Math.max(0, -(now - Date.parse(next_attempt_at))))}`
        : 'Delayed';
    default:
      return accepted_at ? `Waiting for ${formatDuration(since(accepted_at))}` : 'Waiting';
  }
}

const showError = onceChanged((task: Pick<TaskDocument, 'error' | 'error_code' | 'result'>) => {
  const details = (task.result?.status === 'error' && task.result.error_details) || [];
  const places = details.map(({ path, message }) => element('li', {}, element('code', {}, path), ` ${message}`));
  byId('detail').replaceChildren(
    ...(task.error_code ? [element('code', { class: 'code' }, task.error_code), ' '] : []),
    task.error ?? '',
    ...(places.length > 0 && !task.error?.includes(details[0]?.message ?? '') ? [element('ul', {}, ...places)] : []),
  );
});

function showProgress(progress: TaskDocument['progress']) {
  const node = byId('progress');
  node.hidden = progress === null;
  if (!progress) return;
  const percent = Math.floor(progress.progress * 100);
  if (!node.firstElementChild) {
    node.append(element('progress', { max: '100', 'aria-label': 'Progress' }), element('span'));
  }
  (node.firstElementChild as HTMLProgressElement).value = percent;
  setText(node.lastElementChild as Element, [`${percent} %`, progress.message].filter(Boolean).join(' · '));
}
