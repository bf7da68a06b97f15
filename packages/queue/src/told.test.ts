import { expect, test } from 'vitest';
import { toldOf } from './told.ts';

const task = { task_type: 'shout', parameters: { text: 'a' } };
const notes = { attempt: 2, startedAt: 1000, endedAt: 2500, log: [] as string[] };
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
  const { request, run } = toldOf({ task, notes, earlier: [], worker: 'w2', ...options });
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
  expect(said({ earlier }).run).toEqual({ attempts: [...earlier, last] });
});

test('what the handler logged and where it threw is told also of a single attempt', () => {
  const run = said({ notes: { ...notes, log: ['a', 'b'], stack: 'Error: no\n at x', error: 'no' } }).run;
  expect(run).toMatchObject({ attempts: [{ error: 'no' }], log: ['a', 'b'], stack: 'Error: no\n at x' });
});
