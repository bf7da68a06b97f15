/** @import { InstallationStatus, ResultSummary } from '@taskwire/monitoring' */

import { byId, element, icon, setText } from '../shared/dom.js';
import { formatAgo, formatCounted, formatDuration, formatMoment, shortened } from '../shared/format.js';
import { keyedList } from '../shared/keyed-list.js';

/** @typedef {ResultSummary & {ageMs: number}} Row */

const ERROR_LENGTH = 300;
const TYPE_LENGTH = 44;

const showResultRows = keyedList(byId('results'), { key: keyOf, create: createRow });
const showFailureRows = keyedList(byId('failures'), { key: keyOf, create: createRow });

/** @param {InstallationStatus} status */
export function showResults({ at, latest_results, latest_failures }) {
  const now = Date.parse(at);
  const rowOf = (/** @type {ResultSummary} */ result) => ({ ...result, ageMs: now - Date.parse(result.timestamp) });
  showResultRows(latest_results.map(rowOf));
  showFailureRows(latest_failures.map(rowOf));
}

/** @param {Row} row */
function keyOf({ task_id, timestamp }) {
  return `${timestamp} ${task_id}`;
}

/** @param {Row} row */
function createRow(row) {
  const { task_type, status, error, error_code, timestamp } = row;
  const ago = element('time', { datetime: timestamp, title: formatMoment(timestamp) });
  const children = [
    stateOf(status),
    element('span', { class: 'type' }, shortened(task_type ?? 'no task type', TYPE_LENGTH)),
    idOf(row),
    element('span', { class: 'how' }, howItRan(row)),
    ago,
  ];
  if (error !== undefined) {
    children.push(
      element('p', { class: 'error' }, element('code', {}, error_code ?? 'error'), ' ', shortened(error, ERROR_LENGTH)),
    );
  }
  const node = element('li', {}, ...children);
  return {
    node,
    /** A result never changes; only time goes by. @param {Row} row */
    update({ ageMs }) {
      setText(ago, formatAgo(ageMs));
    },
  };
}

/** @param {ResultSummary['status']} status */
function stateOf(status) {
  const level = status === 'completed' ? 'good' : 'bad';
  return element('span', { class: 'state' }, icon(level), element('span', { class: 'unseen' }, status));
}

/** @param {Row} row */
function idOf({ task_id, attempts }) {
  if (task_id === null) return element('span', { class: 'id' }, 'no task id');
  const attributes = { class: 'id', title: task_id };
  // A message that was refused has no job.
  if (attempts === 0) return element('span', attributes, task_id);
  return element('a', { ...attributes, href: `/job?task_id=${encodeURIComponent(task_id)}` }, task_id);
}

/** @param {Row} row */
function howItRan({ attempts, duration_ms, user_id }) {
  return [
    ...(user_id === null ? [] : [`user ${shortened(String(user_id), 20)}`]),
    ...(attempts > 1 ? [formatCounted(attempts, 'attempt')] : []),
    ...(attempts > 0 ? [formatDuration(duration_ms)] : ['not run']),
  ].join(' · ');
}
