/** @import { Column } from './sorting.js' */

import { element } from '../shared/dom.js';
import { plainText } from '../shared/exact-json.js';

/**
 * A button that saves a text made in the browser.
 *
 * @param {string} label
 * @param {string} name
 * @param {string} type
 * @param {() => string} text
 */
export function downloadButton(label, name, type, text) {
  const button = element('button', { type: 'button' }, label);
  button.addEventListener('click', () => {
    const href = URL.createObjectURL(new Blob([text()], { type }));
    element('a', { href, download: name }).click();
    URL.revokeObjectURL(href);
  });
  return button;
}

/**
 * RFC 4180. A null is an empty field, an empty text is `""`.
 *
 * @param {readonly Column[]} columns
 * @param {readonly Record<string, unknown>[]} rows
 */
export function csvOf(columns, rows) {
  const lines = rows.map((row) => columns.map(({ name }) => field(row[name])));
  return [columns.map(({ name }) => field(name)), ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

/** @param {unknown} value */
function field(value) {
  if (value === null || value === undefined) return '';
  const text = plainText(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
