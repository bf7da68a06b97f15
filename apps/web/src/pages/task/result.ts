import type { TaskDocument } from '../../api/task-document.ts';
import { createChart } from '../shared/chart.ts';
import { byId, element } from '../shared/dom.ts';
import { parseExact } from '../shared/exact-json.ts';
import { formatBytes, formatCounted } from '../shared/format.ts';
import { onceChanged } from '../shared/once-changed.ts';
import { taskApi } from '../shared/task-link.ts';
import { chartOf } from './chart-of-rows.ts';
import { csvOf, downloadButton } from './download.ts';
import { type Column, columnsOf, type SqlResult } from './sorting.ts';
import { createTable } from './table.ts';

/** More JSON than this makes the page slow; it can be downloaded. */
const MAX_SHOWN = 200_000;

/** A larger file is for other programs. */
const MAX_READ_BYTES = 30_000_000;

export function showResult({ task_id, status, result, file }: TaskDocument) {
  byId('result-section').hidden = status !== 'completed';
  show({ taskId: task_id ?? '', value: result?.status === 'completed' ? result.result : undefined, file });
}

const show = onceChanged(({ taskId, value, file }: { taskId: string; value: unknown; file: TaskDocument['file'] }) => {
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
});

/** A SQL result, whatever the task type. */
function isSqlResult(value: unknown): value is SqlResult {
  const { columns, rows } = (value ?? {}) as Partial<SqlResult>;
  const hasNameAndType = (column: unknown) => {
    const { name, type } = (column ?? {}) as Partial<Column>;
    return typeof name === 'string' && typeof type === 'string';
  };
  return Array.isArray(columns) && Array.isArray(rows) && columns.every(hasNameAndType);
}

function partsOf(result: SqlResult, taskId: string, file: TaskDocument['file']) {
  const columns = columnsOf(result);
  const { rows } = result;
  const chart = chartOf(columns, rows);
  const some = rows.length < result.row_count ? ', the first ones' : '';
  const csv = downloadButton(`CSV${some}`, `${taskId}.csv`, 'text/csv', () => csvOf(columns, rows));
  const json = downloadButton(`JSON${some}`, `${taskId}.json`, 'application/json', () => JSON.stringify(rows));
  const link = file && fileLink(taskId, file);
  const all = file && rows.length < result.row_count ? allRowsButton(result, taskId, file) : undefined;
  const parts = [element('p', { class: 'note' }, summaryOf(result), ...(all ? [' ', all] : []))];
  if (columns.length > 0) parts.push(createTable(columns, rows));
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

function summaryOf({ rows, row_count, truncated, affected_rows }: SqlResult) {
  return [
    formatCounted(row_count, 'row'),
    ...(rows.length < row_count
      ? [`the first ${formatCounted(rows.length, 'row')} below, all of them in the file`]
      : []),
    ...(truncated ? ['there were more: cut at max_rows'] : []),
    ...(affected_rows === undefined ? [] : [`${formatCounted(affected_rows, 'row')} changed`]),
  ].join(' · ');
}

function fileLink(taskId: string, { name, bytes }: { name: string; bytes: number | null }) {
  const format = name.split('.').at(-1)?.toUpperCase();
  const label = `${format}, all rows${bytes === null ? '' : ` (${formatBytes(bytes)})`}`;
  return element('a', { class: 'button', href: `${taskApi(taskId)}/file`, download: name }, label);
}

/** Shows all rows of a file that a page can read, in place of the first ones. */
function allRowsButton(result: SqlResult, taskId: string, file: { name: string; bytes: number | null }) {
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
    (byId('result').querySelector('.grid') as HTMLElement | null)?.focus();
  });
  return button;
}
