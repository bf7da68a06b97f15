import type { TaskDocument } from '../../api/task-document.ts';
import { byId, element } from '../shared/dom.ts';
import { plainText } from '../shared/exact-json.ts';
import { formatDuration, formatMoment } from '../shared/format.ts';
import { onceChanged } from '../shared/once-changed.ts';

/** What the timeline does not say. */
export const showFacts: (task: TaskDocument) => void = onceChanged(
  ({ task_id, user_id, queue, accepted_at, ended_at, attempts, duration_ms, worker, result }) => {
    const user = plainText(user_id);
    const at = accepted_at ?? ended_at;
    const hasRun = ended_at !== null && attempts > 0;
    const facts: [string, string | Node | null][] = [
      ['Task', element('code', {}, task_id ?? 'no task id')],
      ['User', user === 'null' ? null : element('a', { href: `/tasks?user=${encodeURIComponent(user)}` }, user)],
      ['Queue', queue],
      ['Asked', at && element('time', { datetime: at, title: at }, formatMoment(at))],
      ['Waited', hasRun && result ? formatDuration(result.queued_ms) : null],
      ['Ran', hasRun && duration_ms !== null ? formatDuration(duration_ms) : null],
      ['Worker', worker && element('code', {}, worker)],
    ];
    byId('facts').replaceChildren(
      ...facts.flatMap(([label, value]) =>
        value ? [element('div', {}, element('dt', {}, label), element('dd', {}, value))] : [],
      ),
    );
  },
);
