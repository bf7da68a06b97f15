import type { TaskDocument } from '../../api/task-document.ts';
import { me } from '../shared/api.ts';
import { commandBox } from '../shared/command.ts';
import { byId, element } from '../shared/dom.ts';
import { onceChanged } from '../shared/once-changed.ts';
import { inPrograms } from './as-code.ts';

const show: (task: TaskDocument) => void = onceChanged(async ({ task_type, user_id, metadata, parameters }) => {
  const node = byId('asked');
  if (!parameters) {
    const why =
      'The parameters are not kept: the message was refused, they were too large, or history.parameters is false.';
    return node.replaceChildren(element('p', { class: 'nothing' }, why));
  }
  const { query, ...rest } = parameters;
  const title = task_type === 'sql_query' ? `Query on ${rest.connection ?? 'default'}` : 'Query';
  const others = Object.keys(rest).length > 0 || query === undefined ? [['Parameters', rest]] : [];
  if (metadata && Object.keys(metadata).length > 0) others.push(['Metadata', metadata]);
  const request = { task_type, parameters, ...(user_id !== null && { user_id }), ...(metadata && { metadata }) };
  const { redis_cli, visitor } = await me;
  const programs = inPrograms(JSON.stringify(request), redis_cli, visitor !== null);
  node.replaceChildren(
    ...(query === undefined ? [] : [element('h3', {}, title), block(String(query))]),
    ...others.flatMap(([name, value]) => [element('h3', {}, String(name)), block(JSON.stringify(value, null, 2))]),
    element(
      'details',
      {},
      element('summary', {}, element('h3', {}, 'Ask the same by curl, redis-cli, Python or TypeScript')),
      ...programs.flatMap(([name, code]) => [element('h4', {}, name), commandBox(code)]),
    ),
  );
});

/** What was asked, by whom, and how a program asks the same. */
export function showAsked(task: TaskDocument) {
  const { task_type, user_id, metadata, parameters } = task;
  return show({ task_type, user_id, metadata, parameters } as TaskDocument);
}

function block(text: string) {
  return element('pre', { tabindex: '0' }, text);
}
