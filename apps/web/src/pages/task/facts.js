/** @import { TaskDocument } from '../../api/task-document.ts' */

import { byId, element } from '../shared/dom.js';
import { plainText } from '../shared/exact-json.js';
import { formatDuration, formatMoment } from '../shared/format.js';
import { onceChanged } from '../shared/once-changed.js';

/** @type {(task: TaskDocument) => void} */
export const showFacts = onceChanged((task) => {
  const { accepted_at, started_at, attempts, duration_ms } = task;
  const queuedMs = task.result?.queued_ms;
  const user = plainText(task.user_id);
  /** @type {[string, string | Node | null][]} */
  const facts = [
    ['Task', element('code', {}, task.task_id ?? 'no task id')],
    ['User', user === 'null' ? null : link(user, `/tasks?user=${encodeURIComponent(user)}`)],
    ['Queue', task.queue],
    ['Asked', accepted_at && time(accepted_at)],
    ['Waited', attempts > 0 && queuedMs !== undefined ? formatDuration(queuedMs) : null],
    ['Started', started_at && time(started_at)],
    ['Ran', duration_ms !== null && task.ended_at && attempts > 0 ? formatDuration(duration_ms) : null],
    ['Ended', task.ended_at && time(task.ended_at)],
    ['Worker', task.worker && element('code', {}, task.worker)],
  ];
  byId('facts').replaceChildren(
    ...facts.flatMap(([label, value]) =>
      value ? [element('div', {}, element('dt', {}, label), element('dd', {}, value))] : [],
    ),
  );
});

/** @param {string} at */
function time(at) {
  return element('time', { datetime: at, title: at }, formatMoment(at));
}

/**
 * @param {string} text
 * @param {string} href
 */
function link(text, href) {
  return element('a', { href, title: 'The tasks of this user' }, text);
}
