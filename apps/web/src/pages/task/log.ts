import type { TaskDocument } from '../../api/task-document.ts';
import { byId, element, setText } from '../shared/dom.ts';
import { formatClockWithSeconds } from '../shared/format.ts';
import { onceChanged } from '../shared/once-changed.ts';

/** What the task has logged, and where its handler threw. */
export function showLog({ run }: TaskDocument) {
  showLines(run.log);
  setText(byId('stack'), run.stack ?? '');
  byId('stack-section').hidden = run.stack === null;
  byId('log-section').hidden = run.log.length === 0;
}

const showLines: (lines: TaskDocument['run']['log']) => void = onceChanged((lines) => {
  const hasSeveral = new Set(lines.map(({ attempt }) => attempt)).size > 1;
  byId('log').replaceChildren(
    ...lines.map(({ attempt, timestamp, level, message, fields }) =>
      element(
        'li',
        { class: `level-${level}` },
        element('time', { datetime: timestamp, title: timestamp }, formatClockWithSeconds(timestamp)),
        ` ${hasSeveral ? `#${attempt} ` : ''}`,
        element('b', {}, level.toUpperCase()),
        ` ${message} `,
        ...(fields ? [element('small', {}, JSON.stringify(fields))] : []),
      ),
    ),
  );
});
