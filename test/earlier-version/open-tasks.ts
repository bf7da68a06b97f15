import { expect } from 'vitest';

export function reverse(task_id: string, more: object = {}) {
  return { task_id, task_type: 'reverse_string', parameters: { text: 'abc' }, ...more };
}

export function failAtFirst(task_id: string, failures: number, more: object = {}) {
  return { task_id, task_type: 'fail_at_first', parameters: { failures }, ...more };
}

/** Some of the open tasks, as they were asked for. */
export const requests = [
  reverse('plain'),
  reverse('everything', { parameters: { text: 'Grüße, 世界 🌍' }, user_id: 'Zoë' }),
  reverse('user-number', { user_id: 7 }),
  reverse('user-digits', { user_id: '7' }),
  reverse('user-zero', { user_id: 0 }),
  reverse('1234567890'),
  reverse('report.2026.q1'),
  reverse('priority-1', { priority: 1 }),
  reverse('soon', { delay_ms: 1000 }),
  reverse('awaited-waiting'),
  failAtFirst('second-attempt', 1),
  failAtFirst('hangs-when-killed', 0, { user_id: 'ada' }),
  {
    task_id: 'sql-waiting',
    task_type: 'sql_query',
    user_id: 'ada',
    parameters: { query: 'select ? as word, 1 as one', parameters: ['abc'] },
  },
];

const reversed = { status: 'completed', result: { reversed_text: 'cba' }, user_id: null, metadata: {}, attempts: 1 };

function rows(...expected: object[]) {
  return { status: 'completed', result: expect.objectContaining({ rows: expected }), attempts: 1 };
}

function cancelled(error: string, more: object = {}) {
  return { status: 'error', error_code: 'cancelled', error, attempts: 0, ...more };
}

/** How each open task ends. Runs that their workers have lost count. */
export const ends: Readonly<Record<string, object>> = {
  plain: reversed,
  everything: {
    ...reversed,
    result: { reversed_text: '🌍 界世 ,eßürG' },
    user_id: 'Zoë',
    metadata: { page: 3, заметка: '📝', deep: { list: [1, 'two', null] } },
  },
  'user-number': { ...reversed, user_id: 7 },
  'user-digits': { ...reversed, user_id: '7' },
  'user-zero': { ...reversed, user_id: 0 },
  '1234567890': reversed,
  'report.2026.q1': reversed,
  'a_b~c-d.1': reversed,
  'asked-again': { ...reversed, user_id: 9 },
  'priority-1': reversed,
  'priority-5': reversed,
  'priority-1000': reversed,
  soon: reversed,
  'soon-with-priority': reversed,
  'awaited-waiting': reversed,
  'own-attempts': { status: 'completed', result: { attempt: 5 }, attempts: 5 },
  'one-attempt': { status: 'error', error_code: 'task_failed', error: 'attempt 1 fails', attempts: 1 },
  'own-time-limit': { status: 'error', error_code: 'timeout', attempts: 1 },
  retired: { status: 'error', error_code: 'unknown_task_type', task_type: 'retired_task' },
  'second-attempt': { status: 'completed', result: { attempt: 2 }, metadata: { page: 3 }, attempts: 2 },
  'hangs-when-killed': { status: 'completed', result: { attempt: 1 }, user_id: 'ada', attempts: 2 },
  'hangs-and-loses': { status: 'completed', result: { attempt: 1 }, attempts: 3 },
  'hangs-and-cancelled': cancelled('Cancelled before it was run again', { user_id: 8, attempts: 1 }),
  'cancel-begun': cancelled('Cancelled before it ran', { user_id: 7 }),
  'to-cancel': cancelled('Cancelled before it ran'),
  'to-cancel-with-priority': cancelled('Cancelled before it ran'),
  'next-year': cancelled('Cancelled before it ran', { user_id: 7 }),
  'removal-cut-off': cancelled('Removed by ada', { user_id: 7, metadata: { page: 5 } }),
  'removal-not-begun': reversed,
  'sql-waiting': { ...rows({ word: 'abc', one: 1 }), user_id: 'ada' },
  'sql-running': { ...rows({ answer: 42, any_sales: true }), attempts: 2 },
  'file-waiting': { ...reversed, metadata: { page: 4 } },
  'file-durable': reversed,
  'file-new': { ...reversed, user_id: 7, metadata: { page: 6 } },
  'query-waiting': { ...rows({ answer: 42 }), metadata: { page: 8 } },
};
