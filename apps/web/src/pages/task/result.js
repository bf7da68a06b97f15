/** @import { TaskDocument } from '../../api/task-document.ts' */

import { createChart } from '../shared/chart.js';
import { byId, element } from '../shared/dom.js';
import { parseExact } from '../shared/exact-json.js';
import { formatBytes, formatCounted } from '../shared/format.js';
import { onceChanged } from '../shared/once-changed.js';
import { taskApi } from '../shared/task-link.js';
import { chartOf } from './chart-of-rows.js';
import { csvOf, downloadButton } from './download.js';
import { columnsOf } from './sorting.js';
import { createTable } from './table.js';

/**
 * A SQL result, whatever the task type.
 *
 * @typedef {object} SqlResult
 * @property {{name: string, type: string}[]} columns
 * @property {Record<string, unknown>[]} rows
 * @property {number} row_count
 * @property {boolean} truncated
 * @property {number} [affected_rows]
 */

/** More JSON than this makes the page slow; it can be downloaded. */
const MAX_SHOWN = 200_000;

/** A larger file is for other programs. */
const MAX_READ_BYTES = 30_000_000;

/** @param {TaskDocument} task */
export function showResult({ task_id, status, result, file }) {
  byId('result-section').hidden = status !== 'completed';
  show({ taskId: task_id ?? '', value: result?.status === 'completed' ? result.result : undefined, file });
}

const show = onceChanged(
  (/** @type {{taskId: string, value: unknown, file: TaskDocument['file']}} */ { taskId, value, file }) => {
    const node = byId('result');
    if (value === undefined) {
      const why = 'The result is no longer kept: Redis keeps results for a while, the history only small ones.';
      node.replaceChildren(element('p', { class: 'card nothing' }, why));
    } else if (isSqlResult(value)) {
      node.replaceChildren(...partsOf(value, taskId, file));
    } else {
      const json = JSON.stringify(value, null, 2);
      const isLong = json.length > MAX_SHOWN;
      const shown = isLong ? `${json.slice(0, MAX_SHOWN)}\n… all of it: download it` : json;
      const download = downloadButton('JSON', `${taskId}.json`, 'application/json', () => json);
      node.replaceChildren(
        element('pre', { class: 'card', tabindex: '0' }, shown),
        element('p', { class: 'actions' }, download),
      );
    }
  },
);

/** @type {(value: any) => value is SqlResult} */
function isSqlResult(value) {
  return Array.isArray(value?.columns) && Array.isArray(value.rows) && value.columns.every(hasNameAndType);
}

/** @param {any} column */
function hasNameAndType(column) {
  return typeof column?.name === 'string' && typeof column.type === 'string';
}

/**
 * @param {SqlResult} result
 * @param {string} taskId
 * @param {TaskDocument['file']} file
 */
function partsOf(result, taskId, file) {
  const columns = columnsOf(result);
  const { rows } = result;
  const chart = chartOf(columns, rows);
  const some = rows.length < result.row_count ? ', the first ones' : '';
  const csv = downloadButton(`CSV${some}`, `${taskId}.csv`, 'text/csv', () => csvOf(columns, rows));
  const json = downloadButton(`JSON${some}`, `${taskId}.json`, 'application/json', () => JSON.stringify(rows));
  const link = file && fileLink(taskId, file);
  const all = file && rows.length < result.row_count ? allRowsButton(result, taskId, file) : undefined;
  const parts = [element('p', { class: 'note' }, summaryOf(result), ...(all ? [' ', all] : []))];
  if (columns.length > 0) parts.push(createTable({ columns, rows }));
  if (chart) {
    const drawn = createChart(chart);
    drawn.update(chart.points);
    parts.push(element('div', { class: 'card chart-card' }, drawn.node));
  }
  parts.push(
    element('p', { class: 'actions' }, 'Download ', ...(link ? [link] : []), ...(rows.length ? [csv, json] : [])),
  );
  return parts;
}

/** @param {SqlResult} result */
function summaryOf({ rows, row_count, truncated, affected_rows }) {
  return [
    formatCounted(row_count, 'row'),
    ...(rows.length < row_count
      ? [`the first ${formatCounted(rows.length, 'row')} below, all of them in the file`]
      : []),
    ...(truncated ? ['there were more: cut at max_rows'] : []),
    ...(affected_rows === undefined ? [] : [`${formatCounted(affected_rows, 'row')} changed`]),
  ].join(' · ');
}

/**
 * @param {string} taskId
 * @param {{name: string, bytes: number | null}} file
 */
function fileLink(taskId, { name, bytes }) {
  const format = name.split('.').at(-1)?.toUpperCase();
  const label = `${format}, all rows${bytes === null ? '' : ` (${formatBytes(bytes)})`}`;
  return element('a', { class: 'button', href: `${taskApi(taskId)}/file`, download: name }, label);
}

/**
 * Shows all rows of a file that a page can read, in place of the first ones.
 *
 * @param {SqlResult} result
 * @param {string} taskId
 * @param {{name: string, bytes: number | null}} file
 */
function allRowsButton(result, taskId, file) {
  if (!file.name.endsWith('.ndjson') || file.bytes === null || file.bytes > MAX_READ_BYTES) return undefined;
  const button = element('button', { type: 'button' }, `Show all ${formatCounted(result.row_count, 'row')}`);
  button.addEventListener('click', async () => {
    button.disabled = true;
    const answer = await fetch(`${taskApi(taskId)}/file`).catch(() => undefined);
    if (!answer?.ok) {
      button.textContent = 'The file is not here: it has expired, or the dashboard does not share its folder.';
      return;
    }
    const rows = (await answer.text()).trim().split('\n').map(parseExact);
    byId('result').replaceChildren(...partsOf({ ...result, rows }, taskId, file));
    /** @type {HTMLElement | null} */ (byId('result').querySelector('.grid'))?.focus();
  });
  return button;
}
