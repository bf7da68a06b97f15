import type { TaskResult } from '@taskwire/protocol';
import { expect, test } from 'vitest';
import { taskEndOf } from './task-end.ts';

const ran = { attempts: 1, duration_ms: 1, queued_ms: 1 };
const refused = { attempts: 0, duration_ms: 0, queued_ms: 0 };
const about = {
  task_id: 'a.b',
  task_type: 'add',
  user_id: 7,
  metadata: {},
  timestamp: '2026-11-21T12:00:00.123Z',
};

function told(result: object) {
  return taskEndOf(JSON.stringify({ ...about, status: 'error', error: 'No', ...result }));
}

test.each<[string, Partial<TaskResult>, string]>([
  ['a completed task', { status: 'completed', result: {}, ...ran }, 'completed'],
  ['a failed one', { error_code: 'task_failed', ...ran }, 'failed'],
  ['one cancelled while it ran', { error_code: 'cancelled', ...ran }, 'cancelled'],
  ['one cancelled in its queue', { error_code: 'cancelled', ...refused }, 'cancelled'],
  ['one whose worker lacks its task type', { error_code: 'unknown_task_type', ...ran }, 'failed'],
  ['one whose handler refused a parameter', { error_code: 'invalid_parameters', ...ran }, 'failed'],
])('tells of %s', (_, result, status) => {
  expect(told(result)).toMatchObject({ taskId: 'a.b', taskType: 'add', status });
});

test.each([
  'invalid_json',
  'invalid_message',
  'message_too_large',
  'unknown_task_type',
  'invalid_parameters',
  'task_id_conflict',
  'overloaded',
])('does not tell of a message that was refused with %s', (error_code) => {
  expect(told({ error_code, ...refused })).toBeUndefined();
});

test('takes what is no result for nothing to tell', () => {
  for (const message of ['', '{', 'null', '17', '"text"', '[]', '{}', '{"task_id":7}']) {
    expect(taskEndOf(message)).toBeUndefined();
  }
});

test('names the same end of a task the same each time, another end another way, and without full stops', () => {
  const [first, again, rerun] = [ran, ran, { ...ran, timestamp: '2026-11-21T12:00:01.000Z' }].map((run) =>
    told({ error_code: 'task_failed', ...run }),
  );
  expect(first?.id).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(again?.id).toBe(first?.id);
  expect(rerun?.id).not.toBe(first?.id);
});
