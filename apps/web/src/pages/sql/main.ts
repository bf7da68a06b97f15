import type { SqlChoices } from '../../overview/sql-choices.ts';
import { ask, me } from '../shared/api.ts';
import { byId, element, setText } from '../shared/dom.ts';
import { taskApi, taskPage } from '../shared/task-link.ts';
import '../shared/visitor.ts';
import { followLatest } from './latest.ts';
import { parameterFields } from './parameter-fields.ts';

const form = byId('ask') as HTMLFormElement;
const connection = byId('connection') as HTMLSelectElement;
const queryName = byId('query-name') as HTMLSelectElement;
const format = byId('format') as HTMLSelectElement;
const maxRows = byId('max-rows') as HTMLInputElement;
const statement = byId('statement') as HTMLTextAreaElement;
const run = byId('run') as HTMLButtonElement;

/** Values for the placeholders: those of the task that one came from, or of the fields of a named query. */
let values: () => unknown = () => undefined;

let fill: (given: Record<string, unknown>) => void = () => {};

function offer({ connections, queries }: SqlChoices) {
  const options = connections.map(({ name, driver, queries }) => {
    const only = queries === 'named' ? ', only named queries' : '';
    return element('option', { value: name }, `${name} (${driver}${only})`);
  });
  connection.replaceChildren(...options);
  if (connections.some(({ name }) => name === 'default')) connection.value = 'default';
  queryName.append(...queries.map(({ name }) => element('option', { value: name }, name)));

  queryName.addEventListener('change', () => {
    const query = queries.find(({ name }) => name === queryName.value);
    byId('statement-label').hidden = query !== undefined;
    byId('description').hidden = byId('parameters').hidden = query === undefined;
    setText(byId('description'), query?.description ?? '');
    const fields = parameterFields(query?.parameters ?? []);
    byId('parameters').replaceChildren(...fields.nodes);
    values = query ? fields.values : () => undefined;
    fill = fields.fill;
    if (query?.connection) connection.value = query.connection;
  });
}

/** Begins with what another task has asked, for changes. */
async function beginWith(taskId: string) {
  const asked = (await ask(taskApi(taskId))).data.parameters ?? {};
  queryName.value = asked.query_name ?? '';
  queryName.dispatchEvent(new Event('change'));
  // Who comes back to this page finds what was typed.
  statement.value ||= asked.query ?? '';
  if (asked.connection) connection.value = asked.connection;
  format.value = asked.format ?? '';
  maxRows.value = asked.max_rows ?? '';
  if (asked.query_name) fill(asked.parameters ?? {});
  else values = () => asked.parameters;
}

async function submit() {
  run.disabled = true;
  setText(byId('fault'), '');
  try {
    const { visitor } = await me;
    const given = values();
    const parameters = {
      ...(queryName.value ? { query_name: queryName.value } : { query: statement.value }),
      connection: connection.value,
      ...(given !== undefined && { parameters: given }),
      ...(maxRows.value && { max_rows: Number(maxRows.value) }),
      ...(format.value && { format: format.value }),
    };
    const json = JSON.stringify({ task_type: 'sql_query', parameters, ...(visitor && { user_id: visitor.name }) });
    const { data } = await ask('/api/v1/tasks', { method: 'POST', json });
    location.assign(taskPage(data.task_id));
  } catch (error) {
    setText(byId('fault'), (error as Error).message);
  }
  run.disabled = false;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void submit();
});
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});

async function start() {
  void followLatest();
  try {
    offer((await ask('/api/sql')).data);
    const from = new URLSearchParams(location.search).get('from');
    if (from) await beginWith(from);
    run.disabled = !(await me).may_act;
    if (run.disabled) setText(byId('fault'), 'You may look; running a query needs the role operator.');
  } catch (error) {
    setText(byId('fault'), (error as Error).message);
  }
}

void start();
