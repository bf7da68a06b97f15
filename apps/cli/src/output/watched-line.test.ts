import { stripVTControlCharacters } from 'node:util';
import type { Watched } from '@taskwire/client';
import type { TaskResult } from '@taskwire/protocol';
import { expect, test, vi } from 'vitest';
import { printTaskResult } from './print-task-result.ts';
import { watchedLine } from './watched-line.ts';

const timestamp = '2026-11-21T12:34:56.789Z';
const about = { task_id: 't', task_type: 'shout', user_id: 7, timestamp };
const run = { metadata: {}, attempts: 1, duration_ms: 12, queued_ms: 3 };
const completed: TaskResult = { ...about, ...run, status: 'completed', result: { loud: 'HELLO', times: [1, 2] } };
const failed: TaskResult = { ...about, ...run, status: 'error', error: 'It went\nwrong', error_code: 'task_failed' };

async function printed(result: TaskResult): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await printTaskResult(result, { json: false });
  const text = write.mock.calls.map(([text]) => text).join('');
  write.mockRestore();
  return stripVTControlCharacters(text);
}

test('a result is its outcome in a line, then its value', async () => {
  const [line, ...rest] = (await printed(completed)).split('\n');
  expect(line).toBe('✔ completed shout t, 12 ms');
  expect(JSON.parse(rest.join('\n'))).toEqual({ loud: 'HELLO', times: [1, 2] });
});

test('an error result is its code in a line, then its sentence', async () => {
  expect(await printed(failed)).toBe('✘ task_failed shout t, 12 ms\nIt went\nwrong\n');
});

function lineOf(watched: Watched): string {
  return stripVTControlCharacters(watchedLine(watched));
}

test.each<[Watched, string]>([
  [{ kind: 'event', event: { ...about, event: 'accepted' } }, 'accepted shout t'],
  [{ kind: 'event', event: { ...about, event: 'started', attempt: 1 } }, 'started shout t'],
  [{ kind: 'event', event: { ...about, event: 'progress', progress: 0.5 } }, 'progress 50 % shout t'],
  [
    { kind: 'event', event: { ...about, event: 'progress', progress: 1, message: 'nearly done' } },
    'progress 100 % nearly done shout t',
  ],
  [
    {
      kind: 'event',
      event: {
        ...about,
        event: 'retrying',
        attempt: 1,
        error: 'no\nluck',
        next_attempt_at: '2026-11-21T12:35:00.000Z',
      },
    },
    'retrying at 12:35:00.000: no luck shout t',
  ],
  [{ kind: 'event', event: { ...about, event: 'finished', status: 'completed' } }, 'finished shout t'],
  [{ kind: 'result', result: completed }, 'completed {"loud":"HELLO","times":[1,2]} shout t'],
  [{ kind: 'result', result: failed }, 'task_failed It went wrong shout t'],
  [
    { kind: 'result', result: { ...failed, task_id: null, task_type: null } },
    'task_failed It went wrong (no task type) (no task id)',
  ],
])('says %o in one line', (watched, line) => {
  expect(lineOf(watched)).toBe(`12:34:56.789 ${line}`);
});

test('nothing that tasks and publishers say steers the terminal', async () => {
  const nasty = 'a\u001b[2J\u009b31m\u202eb';
  const seen = 'a\\u001b[2J\\u009b31m\\u202eb';
  expect(await printed({ ...failed, error: `${nasty}\nmore`, task_id: nasty })).toBe(
    `✘ task_failed shout ${seen}, 12 ms\n${seen}\nmore\n`,
  );
  expect(await printed({ ...completed, result: { loud: nasty } })).toContain(`"loud": "${seen}"`);
  const progress = { ...about, event: 'progress' as const, progress: 1, message: nasty };
  for (const watched of [
    { kind: 'event', event: progress },
    { kind: 'event', event: { ...about, event: nasty as 'accepted' } },
    { kind: 'result', result: { ...failed, error: nasty, timestamp: `${' '.repeat(11)}${nasty}` } },
    { kind: 'result', result: { ...completed, result: { loud: nasty }, task_type: nasty } },
  ] as const) {
    expect(lineOf(watched)).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(lineOf(watched)).toContain('a\\u001b[2J');
  }
});

test('an intake gap is shown with its beginning', () => {
  const nobody = { task_id: null, task_type: null, user_id: null };
  const gap = { event: 'intake_gap' as const, channels: ['tasks'], disconnected_at: '2026-11-21T12:34:00.000Z' };
  expect(lineOf({ kind: 'event', event: { ...nobody, timestamp, ...gap } })).toContain('intake gap since 12:34:00.000');
});

test('a long result is cut short', () => {
  const result = { ...completed, result: { loud: 'A'.repeat(10_000) } };
  expect(lineOf({ kind: 'result', result }).length).toBeLessThan(200);
});

test.each([
  { user_id: 1, task_id: 'connection-test', task_type: 'test', status: 'test', result: { message: 'hi' } },
  { task_id: 't', status: 'error', timestamp, error: 'of an older program' },
  { status: 'completed' },
  { task_id: 't', event: 'retrying', timestamp },
  { task_id: 't', event: 'progress', timestamp, message: { text: 'hi' } },
  { task_id: 't', event: 'accepted', timestamp, task_type: { toString: 1 } },
])('what others publish is shown as it is: %j', (message) => {
  expect(lineOf({ kind: 'foreign', message })).toBe(JSON.stringify(message));
  if ('event' in message) expect(lineOf({ kind: 'event', event: message as never })).toBe(JSON.stringify(message));
});
