/** @import { CatalogueEntry as Entry } from '../../overview/task-catalogue.ts' */
/** @import { Field, Schema } from './schema-fields.js' */

import { commandBox } from '../shared/command.js';
import { byId, element } from '../shared/dom.js';
import { formatCounted, formatDuration } from '../shared/format.js';
import { fieldsOf } from './schema-fields.js';

/** @typedef {Entry & {parameters: Schema, result: Schema}} CatalogueEntry */

/** What a newcomer tries first, if it exists: it needs no data. */
const FIRST_TASK = 'reverse_string';

let shown = '';

/** Asks for the task types; a restarted dashboard may have others. */
export async function loadCatalogue() {
  const note = byId('no-tasks');
  try {
    const answer = await fetch('/api/tasks');
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    showCatalogue(await answer.text());
    note.hidden = true;
  } catch (error) {
    if (shown) return;
    note.textContent = `The task types cannot be read: ${/** @type {Error} */ (error).message}.`;
    note.hidden = false;
  }
}

/** @param {string} json */
function showCatalogue(json) {
  if (json === shown) return;
  shown = json;
  /** @type {CatalogueEntry[]} */
  const entries = JSON.parse(json);
  byId('tasks').replaceChildren(...entries.map(entryNode));
  const first = entries.find(({ type }) => type === FIRST_TASK) ?? entries[0];
  byId('first-command').replaceChildren(...(first ? [commandBox(first.command)] : []));
}

/** @param {CatalogueEntry} entry */
function entryNode({ type, description, queue, attempts, timeout_ms, parameters, result, command }) {
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

/**
 * @param {string} caption
 * @param {Field[]} fields
 * @param {{withDefaults: boolean}} options
 */
function fieldTable(caption, fields, { withDefaults }) {
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
