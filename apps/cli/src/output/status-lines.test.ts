import { stripVTControlCharacters, styleText } from 'node:util';
import type { InstallationStatus, MinuteOfQueue } from '@taskwire/monitoring';
import { expect, test } from 'vitest';
import { alignedLines, statusLines } from './status-lines.ts';

const at = '2026-11-21T12:00:00.000Z';

/** An installation whose one queue ended these tasks in the last minute. */
function statusWith(ended: Pick<MinuteOfQueue, 'completed' | 'failed' | 'cancelled'>): InstallationStatus {
  const empty: MinuteOfQueue = { at, completed: 0, failed: 0, cancelled: 0, p50_ms: null, p95_ms: null };
  const counts = { waiting: 0, active: 0, delayed: 0, completed: 0, failed: 0, oldest_waiting_ms: null };
  const history = Array.from({ length: 60 }, (_, minute) => (minute === 59 ? { ...empty, ...ended } : empty));
  return {
    at,
    findings: [],
    redis: {
      address: 'redis://127.0.0.1:6379/0',
      version: '8.2.1',
      used_memory_bytes: 0,
      connected_clients: 1,
      refusal: null,
    },
    streams: { unread_requests: 0, groups_that_missed_results: [] },
    services: [],
    crashed: [],
    outcomes: [],
    queues: [{ name: 'sql', paused: false, ...counts, history }],
    latest_results: [],
    latest_failures: [],
  };
}

test('tells cancelled tasks of the last hour from failed ones', () => {
  const lines = statusLines(statusWith({ completed: 2, failed: 1, cancelled: 7 })).map(stripVTControlCharacters);
  const row = lines.findIndex((line) => line.startsWith('QUEUE'));
  expect(lines[row]).toMatch(/LAST HOUR +FAILED +CANCELLED +P95/);
  expect(lines[row + 1]).toMatch(/^sql +0 +0 +0 +2 +1 +7 +█$/);
});

test('draws the minutes in which tasks were only cancelled', () => {
  const lines = statusLines(statusWith({ completed: 0, failed: 0, cancelled: 1 })).map(stripVTControlCharacters);
  expect(lines.at(-1)).toMatch(/█$/);
});

test('aligns columns as a terminal shows them: wide characters take two, colours none', () => {
  const red = styleText('red', 'ab', { validateStream: false });
  const lines = alignedLines([
    ['A', 'B'],
    ['東京', 'x'],
    [red, 'y'],
  ]).map(stripVTControlCharacters);
  expect(lines).toEqual(['A     B', '東京  x', 'ab    y']);
});
