/** @import { InstallationStatus, ResultSummary } from '@taskwire/monitoring' */
/** @import { Row } from '../shared/task-row.js' */

import { byId } from '../shared/dom.js';
import { plainText } from '../shared/exact-json.js';
import { keyedList } from '../shared/keyed-list.js';
import { createTaskRow } from '../shared/task-row.js';

const onlyFailures = /** @type {HTMLInputElement} */ (byId('only-failures'));
const showRows = keyedList(byId('results'), {
  key: (/** @type {Row & {key: string}} */ { key }) => key,
  create: createTaskRow,
});

/** @type {InstallationStatus | undefined} */
let latest;

onlyFailures.addEventListener('change', () => latest && showResults(latest));

/** @param {InstallationStatus} status */
export function showResults(status) {
  latest = status;
  const results = onlyFailures.checked ? status.latest_failures : status.latest_results;
  byId('nothing').textContent = onlyFailures.checked ? 'No task has failed.' : 'No task has ended yet.';
  const now = Date.parse(status.at);
  showRows([...grouped(results)].map(([key, group]) => ({ ...rowOf(group, now), key })));
}

/**
 * Results that look the same are one row, at the place of the latest.
 *
 * @param {readonly ResultSummary[]} results
 */
function grouped(results) {
  /** @type {Map<string, [ResultSummary, ...ResultSummary[]]>} */
  const groups = new Map();
  for (const result of results) {
    const { task_type, status, error_code, error, user_id } = result;
    const key = JSON.stringify([task_type, status, error_code, error, user_id]);
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  }
  return groups;
}

/**
 * @param {[ResultSummary, ...ResultSummary[]]} group
 * @param {number} now
 * @returns {Row}
 */
function rowOf([result, ...others], now) {
  const { timestamp, error = null, error_code = null } = result;
  const row = { ...result, error, error_code: /** @type {Row['error_code']} */ (error_code), ended_at: timestamp, now };
  return others.length === 0 ? row : { ...row, others: { count: others.length + 1, href: searchFor(result) } };
}

/** @param {ResultSummary} result */
function searchFor({ task_type, status, error_code, user_id }) {
  const user = plainText(user_id);
  const asked = { status, ...(task_type && { type: task_type }), ...(error_code && { code: error_code }) };
  return `/tasks?${new URLSearchParams({ ...asked, ...(user !== 'null' && { user }) })}`;
}
