import { Roster } from '@taskwire/store';
import { defineTask, type TaskHandler } from '@taskwire/tasks';
import { failureOf, runHere } from '@taskwire/tasks/running';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { runHandler } from './run-handler.ts';

const odd: [string, unknown][] = [
  ['an object without prototype', Object.create(null)],
  [
    'an object that has no text',
    {
      toString: () => {
        throw new Error('no text');
      },
    },
  ],
  ['an error whose message is a number', Object.assign(new Error('x'), { message: 42 })],
  ['an error whose message is an object', Object.assign(new Error('x'), { message: { reason: 'x' } })],
  ['an empty text', ''],
];

test.each(odd)('%s is told in words', (_, thrown) => {
  expect(failureOf(thrown)).toMatchObject({ code: 'task_failed', error: expect.stringMatching(/./) });
});

test('whatever is thrown is told in words', () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
      expect(failureOf(thrown)).toMatchObject({ code: 'task_failed', error: expect.stringMatching(/./s) });
    }),
  );
});

test('a handler that throws what has no text has failed, and does not hang or kill its worker', async () => {
  const anything = z.looseObject({});
  const definition = defineTask({
    type: 'odd',
    description: 'Odd.',
    parameters: anything,
    result: anything,
    example: {},
  });
  const handler: TaskHandler = () => {
    throw Object.create(null);
  };
  const context = {
    parameters: {},
    taskId: 't',
    userId: null,
    metadata: {},
    attempt: 1,
    timeoutMs: 1000,
    progress: () => undefined,
    takeLine: () => undefined,
    logLevel: 'info',
    keep: async () => undefined,
    submit: async () => '',
  };
  const outcome = runHandler({
    task: { task_id: 't', task_type: 'odd' },
    handle: (signal) => runHere({ definition, handler }, { ...context, signal }),
    timeoutMs: 1000,
    run: { cancelled: false, onCancel: undefined },
    stopSignal: new AbortController().signal,
    stops: new Roster(),
  });
  await expect(outcome).resolves.toMatchObject({ status: 'failed' });
}, 3000);
