import { ask } from '../shared/api.ts';
import { byId, element } from '../shared/dom.ts';

const NAMES = ['status', 'type', 'user', 'id', 'code', 'since', 'until', 'text'];

const form = byId('filter') as HTMLFormElement;

/** What the address asks for. */
export function currentFilter() {
  const asked = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.flatMap((name) => (asked.get(name)?.trim() ? [[name, asked.get(name) ?? '']] : [])));
}

/** The form shows what the address asks for, and changes it: so it can be sent to somebody, and the browser goes back. */
export function offerFilter(changed: () => void) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const asked = [...new FormData(form)]
      .filter(([, value]) => String(value).trim() !== '')
      .map(([name, value]) => [name, String(value)]);
    history.pushState(null, '', `/tasks?${new URLSearchParams(asked)}`.replace(/\?$/, ''));
    changed();
  });
  byId('status').addEventListener('change', () => form.requestSubmit());
  addEventListener('popstate', () => {
    fill();
    changed();
  });
  fill();
  void offerTypes();
}

function fill() {
  const filter = currentFilter();
  for (const name of NAMES) (form.elements.namedItem(name) as HTMLInputElement).value = filter[name] ?? '';
}

async function offerTypes() {
  const { data } = await ask('/api/v1/task-types');
  byId('types').replaceChildren(...data.map(({ type }: { type: string }) => element('option', { value: type })));
}
