import { element } from '../shared/dom.ts';
import { plainText } from '../shared/exact-json.ts';
import type { Column } from './sorting.ts';

/** A button that saves a text made in the browser. */
export function downloadButton(label: string, name: string, type: string, text: () => string) {
  const button = element('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    const href = URL.createObjectURL(new Blob([text()], { type }));
    element('a', { href, download: name }).click();
    URL.revokeObjectURL(href);
  });
  return button;
}

/** RFC 4180. A null is an empty field, an empty text is `""`. */
export function csvOf(columns: readonly Column[], rows: readonly Record<string, unknown>[]) {
  const lines = rows.map((row) => columns.map(({ name }) => field(row[name])));
  return [columns.map(({ name }) => field(name)), ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function field(value: unknown) {
  if (value === null || value === undefined) return '';
  const text = plainText(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
