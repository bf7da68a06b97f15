import { rawNumber, type TaskRequest } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobFor, tasksOf } from './task-job.ts';

const minimal: TaskRequest = { task_id: 't', task_type: 'shout', parameters: {}, user_id: null, metadata: {} };

/** What a worker makes of the job, after BullMQ has taken it through JSON. */
function carried(request: TaskRequest): AcceptedTask {
  const { name, data } = jobFor(request, 'job-1');
  return tasksOf({ name, data: JSON.parse(JSON.stringify(data)), timestamp: 1000 })[0] as AcceptedTask;
}

const jsonObjects = fc.dictionary(fc.string(), fc.jsonValue()).map((object) => JSON.parse(JSON.stringify(object)));

const digits = fc.constantFrom('9007199254740993', '-123456789012345678901234567890', '1.10', '1e400').map(rawNumber);

const requests = fc.record(
  {
    task_id: fc.string(),
    task_type: fc.string(),
    parameters: jsonObjects,
    user_id: fc.oneof(fc.string(), fc.maxSafeInteger(), fc.constant(null), fc.constantFrom(0, '', 1.5), digits),
    metadata: fc.oneof(jsonObjects, fc.constant(JSON.parse('{"__proto__":1}'))),
    reply_to: fc.string(),
    timeout_ms: fc.integer({ min: 1 }),
    attempts: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: ['task_id', 'task_type', 'parameters', 'user_id', 'metadata'] },
);

test('a worker sees of a task what its request said', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const { acceptedAt, ...task } = carried(request);
      expect(JSON.stringify(task)).toBe(
        JSON.stringify({
          task_id: request.task_id,
          task_type: request.task_type,
          parameters: request.parameters,
          user_id: request.user_id,
          metadata: request.metadata,
          reply_to: request.reply_to,
          timeout_ms: request.timeout_ms,
          attempts: request.attempts,
        }),
      );
      expect(acceptedAt).toBe(1000);
    }),
  );
});

test('a job carries no defaults', () => {
  expect(jobFor(minimal, 'job-1')).toEqual({
    name: 'shout',
    data: { tasks: [{ task_id: 't', parameters: {} }] },
    opts: { jobId: 'job-1' },
  });
});

test('priority and delay are the business of the queue', () => {
  expect(jobFor({ ...minimal, priority: 5, delay_ms: 1000 }, 'job-1').opts).toEqual({
    jobId: 'job-1',
    priority: 5,
    delay: 1000,
  });
});

test('a job of format 1 is the task that it carries', () => {
  const data = { task_id: 't', parameters: {}, user_id: 7, attempts: 2 };
  expect(tasksOf({ name: 'shout', data, timestamp: 1000 })).toMatchObject([
    { task_id: 't', task_type: 'shout', user_id: 7, attempts: 2, metadata: {} },
  ]);
});

test.each([['a text'], [null], [{}], [{ tasks: [] }], [{ tasks: [{ id: 1 }] }], [{ tasks: [null, 7, 'a'] }], [[1, 2]]])(
  'a job of somebody else, as %j, carries none',
  (data) => {
    expect(tasksOf({ name: 'foreign', data: data as never, timestamp: 1000 })).toEqual([]);
  },
);
