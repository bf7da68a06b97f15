import type { InstallationStatus, ResultSummary } from '@taskwire/monitoring';
import { byId } from '../shared/dom.ts';
import { plainText } from '../shared/exact-json.ts';
import { keyedList } from '../shared/keyed-list.ts';
import { createTaskRow, type Row } from '../shared/task-row.ts';

const onlyFailures = byId('only-failures') as HTMLInputElement;
const showRows = keyedList(byId('results'), {
  key: ({ key }: Row & { key: string }) => key,
  create: createTaskRow,
});

let latest: InstallationStatus | undefined;

onlyFailures.addEventListener('change', () => latest && showResults(latest));

export function showResults(status: InstallationStatus) {
  latest = status;
  const results = onlyFailures.checked ? status.latest_failures : status.latest_results;
  byId('nothing').textContent = onlyFailures.checked ? 'No task has failed.' : 'No task has ended yet.';
  const now = Date.parse(status.at);
  showRows([...grouped(results)].map(([key, group]) => ({ ...rowOf(group, now), key })));
}

/** Results that look the same are one row, at the place of the latest. */
function grouped(results: readonly ResultSummary[]) {
  const groups = new Map<string, [ResultSummary, ...ResultSummary[]]>();
  for (const result of results) {
    const { task_type, status, error_code, error, user_id } = result;
    const key = JSON.stringify([task_type, status, error_code, error, user_id]);
    const group = groups.get(key);
    if (group) group.push(result);
    else groups.set(key, [result]);
  }
  return groups;
}

function rowOf([result, ...others]: [ResultSummary, ...ResultSummary[]], now: number): Row {
  const { timestamp, error = null, error_code = null } = result;
  const row = { ...result, error, error_code: error_code as Row['error_code'], ended_at: timestamp, now };
  return others.length === 0 ? row : { ...row, others: { count: others.length + 1, href: searchFor(result) } };
}

function searchFor({ task_type, status, error_code, user_id }: ResultSummary) {
  const user = plainText(user_id);
  const asked = { status, ...(task_type && { type: task_type }), ...(error_code && { code: error_code }) };
  return `/tasks?${new URLSearchParams({ ...asked, ...(user !== 'null' && { user }) })}`;
}
