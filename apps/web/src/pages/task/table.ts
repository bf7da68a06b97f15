import { element, setAttributes } from '../shared/dom.ts';
import { plainText } from '../shared/exact-json.ts';
import { type Column, sortedPlaces } from './sorting.ts';

/** As high as the style sheet makes a row. */
const ROW_PX = 28;

/** Rows that are ready above and below what one sees. */
const SPARE = 20;

/** For the width of a column, in characters. */
const MEASURED_ROWS = 200;
const LEAST_WIDTH = 6;
const MOST_WIDTH = 44;

/** Of a longer text, a cell has the beginning; the downloads have all. */
const MAX_CELL = 2000;

/** Rows in a table that scrolls, of which only those that can be seen are there; sorted by the heads. */
export function createTable(columns: readonly Column[], rows: readonly Record<string, unknown>[]) {
  const body = element('tbody');
  const heads = columns.map(headOf);
  const widths = columns.map((column) => widthOf(column, rows));
  const cols = widths.map((width) => {
    const col = element('col');
    col.style.width = `${width}ch`;
    return col;
  });
  const table = element(
    'table',
    { 'aria-rowcount': String(rows.length + 1) },
    element('colgroup', {}, ...cols),
    element('thead', {}, element('tr', { 'aria-rowindex': '1' }, ...heads)),
    body,
  );
  table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}ch`;
  const node = element('div', { class: 'card grid', tabindex: '0', role: 'region', 'aria-label': 'Rows' }, table);

  let places = rows.map((_, place) => place);
  let drawn = '';

  function draw() {
    const first = Math.max(0, Math.floor(node.scrollTop / ROW_PX) - SPARE);
    const last = Math.min(rows.length, Math.ceil((node.scrollTop + (node.clientHeight || 600)) / ROW_PX) + SPARE);
    const now = `${first} ${last}`;
    if (now === drawn) return;
    drawn = now;
    const shown = places.slice(first, last).map((place, index) => rowOf(first + index, rows[place] ?? {}));
    body.replaceChildren(space(first), ...shown, space(rows.length - last));
  }

  function rowOf(index: number, row: Record<string, unknown>) {
    return element('tr', { 'aria-rowindex': String(index + 2) }, ...columns.map((column) => cellOf(column, row)));
  }

  function space(count: number) {
    const cell = element('td', { colspan: String(columns.length) });
    cell.style.height = `${count * ROW_PX}px`;
    const row = element('tr', { class: 'space', 'aria-hidden': 'true' }, cell);
    row.hidden = count === 0;
    return row;
  }

  heads.forEach((head, index) => {
    head.addEventListener('click', () => {
      const next =
        { none: 'ascending', ascending: 'descending', descending: 'none' }[head.ariaSort ?? 'none'] ?? 'none';
      for (const other of heads) setAttributes(other, { 'aria-sort': other === head ? next : 'none' });
      const column = columns[index] as Column;
      const isSorted = next === 'ascending' || next === 'descending';
      places = isSorted ? sortedPlaces(rows, column, next) : rows.map((_, place) => place);
      drawn = '';
      draw();
    });
  });
  node.addEventListener('scroll', draw, { passive: true });
  // Not before it is in the page does it know how high it is.
  new ResizeObserver(draw).observe(node);
  draw();
  return node;
}

function headOf({ name, type, isNumber }: Column) {
  const button = element('button', { type: 'button', title: `${name}: ${type}; sort by it` }, name);
  const attributes = { scope: 'col', 'aria-sort': 'none', ...(isNumber && { class: 'number' }) };
  return element('th', attributes, button, element('small', {}, type));
}

function cellOf({ name, isNumber }: Column, row: Record<string, unknown>) {
  const value = row[name] ?? null;
  if (value === null) return element('td', { class: 'null' }, 'null');
  const text = plainText(value).slice(0, MAX_CELL);
  const isLong = text.length > MOST_WIDTH - 4;
  return element('td', { ...(isNumber && { class: 'number' }), ...(isLong && { title: text }) }, text);
}

function widthOf({ name, type }: Column, rows: readonly Record<string, unknown>[]) {
  const lengths = rows.slice(0, MEASURED_ROWS).map((row) => plainText(row[name]).slice(0, MOST_WIDTH).length);
  return Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, name.length, type.length, ...lengths) + 4);
}
