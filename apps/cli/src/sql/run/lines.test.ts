import type { TaskResult } from '@taskwire/protocol';
import { expect, test } from 'vitest';
import { plain } from '../show/paint.ts';
import { liveLines } from './live-lines.ts';
import type { QueryRun, RunState } from './query-run.ts';
import { endedLines, leftLines, summaryLine } from './run-lines.ts';

const about = {
  task_id: 't',
  task_type: 'sql_query',
  user_id: null,
  metadata: {},
  attempts: 1,
  duration_ms: 1500,
  queued_ms: 1,
};
const timestamp = '2026-11-21T12:34:56.789Z';

function run(name: string, state: RunState): QueryRun {
  return { query: { name, text: 'select a frm t' }, taskId: `id-of-${name}`, state };
}

function brought(result: object): RunState {
  const sqlResult = {
    columns: [{ name: 'a', type: 'INTEGER' }],
    rows: [],
    row_count: 1204,
    truncated: false,
    ...result,
  };
  return { status: 'ended', result: { ...about, timestamp, status: 'completed', result: sqlResult } as TaskResult };
}

function failed(more: object = {}): RunState {
  const error = { status: 'error', error: 'It is\nwrong\u001b', error_code: 'task_failed' };
  return { status: 'ended', result: { ...about, timestamp, ...error, ...more } as TaskResult };
}

const around = { withTaskId: false, width: 80, paint: plain };

test.each([
  [brought({}), '✔ q: 1,204 rows, 1.5 s'],
  [brought({ truncated: true }), '✔ q: 1,204 rows (there are more), 1.5 s'],
  [brought({ columns: [], row_count: 0, affected_rows: 1 }), '✔ q: 1 row changed, 1.5 s'],
  [brought({ columns: [], row_count: 0 }), '✔ q: done, 1.5 s'],
])('says what a query brought: %#', (state, line) => {
  expect(endedLines(run('q', state), around)).toEqual([line]);
});

test('says what went wrong and where, without what would steer a terminal', () => {
  const error_details = [{ path: 'parameters.query', message: 'x', position: 9 }];
  expect(endedLines(run('q\u001b', failed({ error_details })), { ...around, withTaskId: true })).toEqual([
    '✘ q\\u001b: task_failed, 1.5 s (task id-of-q\u001b)',
    'It is',
    'wrong\\u001b',
    '  line 1',
    '  select a frm t',
    '           ^',
  ]);
});

test('sums up, and leaves out zero counts', () => {
  const cancelled = failed({ error_code: 'cancelled' });
  const runs = [brought({}), brought({ row_count: 1 }), failed(), cancelled, { status: 'waiting' } as const];
  const all = runs.map((state, at) => run(`q${at}`, state));
  expect(summaryLine(all, 4200)).toBe('2 completed, 1 failed, 1 cancelled, 1 not started; 1,205 rows in 4.2 s');
  expect(summaryLine([run('q', brought({}))], 90)).toBe('1 completed; 1,204 rows in 90 ms');
});

test('tells completed queries from those whose rows were not shown or written', () => {
  const unwritten = { ...brought({}), lacking: 'not written' } as RunState;
  const runs = [run('a', brought({ row_count: 2 })), run('b', unwritten), run('c', { status: 'lost' })];
  expect(summaryLine(runs, 90)).toBe('1 completed, 1 not written, 1 lost; 2 rows in 90 ms');
  expect(endedLines(runs[2] as QueryRun, around)[0]).toBe('✘ c: lost');
});

test('says how to fetch and cancel what goes on', () => {
  const open = ['a', 'b'].map((name) => run(name, { status: 'running', sinceMs: 0 }));
  expect(leftLines(open)).toEqual([
    '2 queries go on. To fetch results:',
    '  taskwire result id-of-a --wait  # a',
    '  taskwire result id-of-b --wait  # b',
    'To cancel:',
    '  taskwire cancel id-of-a id-of-b',
  ]);
  expect(leftLines([])).toEqual([]);
});

test('of a hundred queries, shows those that run and counts the others', () => {
  const states: RunState[] = Array.from({ length: 100 }, (_, at) => {
    if (at < 20) return brought({});
    if (at < 40) return { status: 'queued', sinceMs: 0 };
    return at < 44 ? { status: 'running', sinceMs: 1000, note: '50 %' } : { status: 'waiting' };
  });
  const runs = states.map((state, at) => run(`report-${at}`, state));
  const lines = liveLines({ runs, nowMs: 13_400, columns: 60, rows: 30, paint: plain });
  expect(lines).toHaveLength(13);
  expect(lines[0]).toBe('report-40  running  12 s  50 %');
  expect(lines[4]).toBe('report-20  queued   13 s');
  expect(lines[12]).toBe('20 of 100 ended, 12 more under way, 56 to come');
});

test('waiting queries come last, if there is room', () => {
  const states: RunState[] = [{ status: 'waiting' }, { status: 'running', sinceMs: 0 }, { status: 'waiting' }];
  const runs = states.map((state, at) => run(`q${at}`, state));
  expect(liveLines({ runs, nowMs: 1000, columns: 60, rows: 6, paint: plain })).toEqual([
    'q1  running  1 s',
    'q0  waiting',
    '0 of 3 ended, 1 to come',
  ]);
});

test('fits into a small terminal', () => {
  const runs = ['a'.repeat(100), 'b'].map((name) =>
    run(name, { status: 'running', sinceMs: 0, note: 'x'.repeat(100) }),
  );
  const lines = liveLines({ runs, nowMs: 0, columns: 60, rows: 5, paint: plain });
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line.length).toBeLessThan(60);
});
