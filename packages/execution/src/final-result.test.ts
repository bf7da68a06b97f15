import { resultSchema } from '@taskwire/protocol';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { completedResult, errorResult } from './final-result.ts';

const NOW = Date.parse('2026-11-21T12:00:00.123Z');

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});

afterEach(() => {
  vi.useRealTimers();
});

const attempt = {
  task: {
    task_id: 't',
    task_type: 'shout',
    user_id: 7,
    metadata: { page: 3 },
    parameters: { text: 'a' },
    reply_to: 'results:me',
    timeout_ms: 5,
    attempts: undefined,
    acceptedAt: NOW - 50,
  },
  number: 2,
  lost: 1,
  startedAt: NOW - 30,
};

const about = {
  task_id: 't',
  task_type: 'shout',
  user_id: 7,
  metadata: { page: 3 },
  timestamp: '2026-11-21T12:00:00.123Z',
};
const run = { attempts: 3, duration_ms: 30, queued_ms: 20 };

test('a completed task has exactly the fields of the wire', () => {
  const result = completedResult(attempt, { loud: 'A' });
  expect(result).toStrictEqual({ ...about, status: 'completed', result: { loud: 'A' }, ...run });
  expect(resultSchema.parse(result)).toEqual(result);
});

test('so has a failed one', () => {
  const result = errorResult(attempt, { code: 'timeout', error: 'It took too long', retryable: true });
  expect(result).toStrictEqual({
    ...about,
    status: 'error',
    error: 'It took too long',
    error_code: 'timeout',
    ...run,
  });
  expect(resultSchema.parse(result)).toEqual(result);
});

test('details go along where there are any', () => {
  const details = [{ path: 'parameters.text', message: 'is taken' }];
  const result = errorResult(attempt, { code: 'invalid_parameters', error: 'x', details, retryable: false });
  expect(result).toMatchObject({ error_details: details });
  expect(resultSchema.parse(result)).toEqual(result);
});

test.each([7, '7', 'seven', '', null])('the user id %j comes back with the JSON type it came with', (user_id) => {
  expect(completedResult({ ...attempt, task: { ...attempt.task, user_id } }, {}).user_id).toBe(user_id);
});

test('a task has not waited for less than no time, whatever the clocks of two machines say', () => {
  const early = { ...attempt, task: { ...attempt.task, acceptedAt: NOW + 5000 } };
  expect(completedResult(early, {}).queued_ms).toBe(0);
});
