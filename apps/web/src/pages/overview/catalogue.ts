import type { CatalogueEntry as Entry } from '../../overview/task-catalogue.ts';
import { ask } from '../shared/api.ts';
import { commandBox } from '../shared/command.ts';
import { byId, element, setText } from '../shared/dom.ts';
import { formatCounted, formatDuration } from '../shared/format.ts';
import { onceChanged } from '../shared/once-changed.ts';
import { type Field, fieldsOf, type Schema } from './schema-fields.ts';

type CatalogueEntry = Entry & { parameters: Schema; result: Schema };

/** What a newcomer tries first, if it exists: it needs no data. */
const FIRST_TASK = 'reverse_string';

/** Asks for the task types; a restarted dashboard may have others. */
export async function loadCatalogue() {
  const note = byId('no-tasks');
  try {
    show((await ask('/api/tasks')).data);
    note.hidden = true;
  } catch (error) {
    setText(note, `The task types cannot be read. ${(error as Error).message}`);
    note.hidden = byId('tasks').childElementCount > 0;
  }
}

const show = onceChanged((entries: CatalogueEntry[]) => {
  byId('tasks').replaceChildren(...entries.map(entryNode));
  const first = entries.find(({ type }) => type === FIRST_TASK) ?? entries[0];
  byId('first-command').replaceChildren(...(first ? [commandBox(first.command)] : []));
});

function entryNode({ type, description, queue, attempts, timeout_ms, parameters, result, command }: CatalogueEntry) {
  const policy = `Queue ${queue} · ${formatCounted(attempts, 'attempt')} · at most ${formatDuration(timeout_ms)} each`;
  return element(
    'details',
    {},
    element('summary', {}, element('h3', {}, type), ' ', element('span', {}, description)),
    element('p', { class: 'policy' }, policy),
    fieldTable('Parameters', fieldsOf(parameters), { withDefaults: true }),
    fieldTable('Result', fieldsOf(result), { withDefaults: false }),
    element('h4', {}, 'Example'),
    commandBox(command),
  );
}

function fieldTable(caption: string, fields: Field[], { withDefaults }: { withDefaults: boolean }) {
  if (fields.length === 0) return element('p', { class: 'policy' }, `${caption}: none are named.`);
  const heads = ['Name', ...(withDefaults ? ['Default'] : []), 'Meaning'];
  const rows = fields.map(({ name, type, required, fallback, description }) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, element('code', {}, name), ' ', element('small', {}, type)),
      ...(withDefaults ? [element('td', {}, required ? 'required' : element('code', {}, fallback))] : []),
      element('td', {}, description),
    ),
  );
  return element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...heads.map((head) => element('th', { scope: 'col' }, head)))),
    element('tbody', {}, ...rows),
  );
}
