import { expect, test } from 'vitest';
import { errorCodeSchema } from './error-code.ts';
import { resultSchema } from './result.ts';

const named = { task_id: 't', task_type: 'a', user_id: 7, metadata: {}, timestamp: '2026-11-21T12:00:00.123Z' };
const run = { attempts: 1, duration_ms: 3, queued_ms: 2 };
const completed = { ...named, status: 'completed', result: { number: 4 }, ...run };
const failed = { ...named, status: 'error', error: 'It went wrong', error_code: 'task_failed', ...run };
const nobody = { ...failed, task_id: null, task_type: null, user_id: null, metadata: null, attempts: 0 };

test.each<[string, object]>([
  ['a completed task', completed],
  ['a failed task', failed],
  [
    'a failed task with details',
    { ...failed, error_details: [{ path: 'parameters.text', message: 'must not be empty' }] },
  ],
  ['a message too broken to know anything of', nobody],
  ...errorCodeSchema.options.map((code) => [`the error ${code}`, { ...failed, error_code: code }] as [string, object]),
])('accepts the result of %s', (_, result) => {
  expect(resultSchema.parse(result)).toEqual(result);
});

test('has the error codes of the wire, version 1', () => {
  expect(errorCodeSchema.options).toEqual([
    'invalid_json',
    'invalid_message',
    'message_too_large',
    'unknown_task_type',
    'invalid_parameters',
    'task_id_conflict',
    'timeout',
    'cancelled',
    'task_failed',
    'worker_lost',
    'result_too_large',
    'overloaded',
  ]);
});

test.each([
  ['with another status', { ...completed, status: 'done' }],
  ['without a result', { ...completed, result: undefined }],
  ['whose result is no object', { ...completed, result: [1] }],
  ['with both a result and an error', { ...completed, error: 'x' }],
  ['with an unknown error code', { ...failed, error_code: 'oops' }],
  ['without a sentence for people', { ...failed, error: undefined }],
  ['with a time in another zone', { ...completed, timestamp: '2026-11-21T13:00:00.123+01:00' }],
  ['with a time without milliseconds', { ...completed, timestamp: '2026-11-21T12:00:00Z' }],
  ['with a negative run time', { ...completed, duration_ms: -1 }],
  ['with a field that is not of the wire', { ...completed, worker: 'w1' }],
])('refuses a result %s', (_, result) => {
  expect(resultSchema.safeParse(result).success).toBe(false);
});
