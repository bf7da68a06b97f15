import { expect, test } from 'vitest';
import { toldOf } from './told.ts';

const task = { task_type: 'shout', parameters: { text: 'a' } };
const notes = { attempt: 2, startedAt: 1000, endedAt: 2500 };
const line = { attempt: 2, timestamp: '1970-01-01T00:00:02.000Z', level: 'info', message: 'asks' } as const;
const earlier = [
  {
    attempt: 1,
    started_at: '1970-01-01T00:00:00.100Z',
    ended_at: '1970-01-01T00:00:00.200Z',
    error: 'no',
    worker: 'w1',
  },
];

function said(options: Partial<Parameters<typeof toldOf>[0]>) {
  const { request, run } = toldOf({ task, definition: undefined, notes, earlier: undefined, worker: 'w2', ...options });
  return { request: JSON.parse(request as string), run: run && JSON.parse(run) };
}

test('of a task with one attempt there is only its request', () => {
  expect(said({})).toEqual({ request: task, run: undefined });
});

test('of a request with long parameters there is only the type', () => {
  const parameters = { text: 'x'.repeat(9000) };
  expect(said({ task: { ...task, parameters } }).request).toEqual({ task_type: 'shout' });
});

test('of several attempts each has its times, its error and its worker', () => {
  const last = {
    attempt: 2,
    started_at: '1970-01-01T00:00:01.000Z',
    ended_at: '1970-01-01T00:00:02.500Z',
    worker: 'w2',
  };
  expect(said({ earlier: { attempts: earlier } }).run).toEqual({ attempts: [...earlier, last] });
});

test('what the handler logged and where it threw is told also of a single attempt', () => {
  const run = said({ notes: { ...notes, log: [line], stack: 'Error: no\n at x', error: 'no' } }).run;
  expect(run).toMatchObject({ attempts: [{ error: 'no' }], log: [line], stack: 'Error: no\n at x' });
});

test('the log of earlier attempts stays, and so does the stack while none is thrown later', () => {
  const before = { ...line, attempt: 1 };
  const run = said({
    earlier: { attempts: earlier, log: [before], stack: 'Error: no' },
    notes: { ...notes, log: [line] },
  }).run;
  expect(run).toMatchObject({ log: [before, line], stack: 'Error: no' });
});

test('of all attempts the last 200 lines are told, or the last 64 KiB', () => {
  const many = Array.from({ length: 150 }, (_, place) => ({ ...line, message: `line ${place}` }));
  const { log } = said({ earlier: { attempts: earlier, log: many }, notes: { ...notes, log: many } }).run;
  expect(log).toEqual([...many.slice(-50), ...many]);
  const long = many.map((one) => ({ ...one, message: `${one.message} ${'ä'.repeat(1000)}` }));
  const { log: kept } = said({ notes: { ...notes, log: long } }).run;
  expect(kept).toEqual(long.slice(-kept.length));
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(64 * 1024);
  expect(Buffer.byteLength(JSON.stringify(long.slice(-kept.length - 1)))).toBeGreaterThan(64 * 1024);
});
