import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { daemonLines } from './daemon-lines.ts';

const NOW = Date.parse('2026-01-31T07:00:03.000Z');
const config = { enabled: true, directory: '/data/inbox' } as Parameters<typeof daemonLines>[1];
const daemon = { running: true, pid: 7, started_at: '2026-01-31T04:00:00.000Z' };
const queries = { total: 1206, pending: 2, running: 1, completed: 1200, failed: 3, cancelled: 0 };

function lines(status: Parameters<typeof daemonLines>[0], settings = config): string[] {
  return daemonLines(status, settings, NOW).map((line) => stripVTControlCharacters(line));
}

test('says since when the daemon runs, and what is in its inbox', () => {
  expect(lines({ daemon, inbox: { queries, last_check: '2026-01-31T07:00:02.500Z' } })).toEqual([
    'taskwire is running (pid 7, since 2026-01-31 04:00:00 UTC, 3 h)',
    'inbox /data/inbox: 2 pending, 1 running, 1,200 completed, 3 failed, 0 cancelled',
  ]);
});

test('names the latest runs that are under way', () => {
  const tasks = [
    { status: 'running', query_id: 'daily sales' },
    { status: 'completed', query_id: 'done' },
    { status: 'pending', query_id: 'esc\u001b[31m' },
    ...Array.from({ length: 9 }, (_, n) => ({ status: 'pending', query_id: `q${n}` })),
  ];
  const inbox = { queries, tasks, last_check: '2026-01-31T07:00:02.500Z' };
  const shown = lines({ daemon, inbox }).slice(2);
  expect(shown).toEqual([
    '  running daily sales',
    expect.stringContaining('pending esc'),
    ...['q0', 'q1', 'q2'].map((name) => `  pending ${name}`),
  ]);
  expect(shown.join('')).not.toContain('\u001b');
  expect(lines({ daemon, inbox: { ...inbox, last_check: '2026-01-31T06:00:00.000Z' } })).toHaveLength(2);
});

test.each([
  null,
  {},
  { queries: 'many', last_check: '2026-01-31T07:00:02.500Z' },
  { queries, last_check: '2026-01-31T06:00:00.000Z' },
  { queries },
])('takes nothing for the present that is not: %j', (inbox) => {
  expect(lines({ daemon, inbox })[1]).toBe('inbox /data/inbox: not updated for a while');
});

test('says how to start what does not run, and what is switched off', () => {
  const stopped = { daemon: { running: false, pid: null, started_at: null }, inbox: null };
  expect(lines(stopped)).toEqual(['taskwire is not running on /data/inbox: `taskwire start --detach` starts it']);
  expect(lines({ daemon, inbox: null }, { ...config, enabled: false })[1]).toBe(
    'inbox /data/inbox is not served (inbox.enabled)',
  );
});
