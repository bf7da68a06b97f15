import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineTask, TaskDefinitionError } from './define-task.ts';

const task = {
  type: 'shout',
  description: 'Loud.',
  parameters: z.strictObject({}),
  result: z.strictObject({}),
  example: {},
};

test.each(['parameters', 'result'])(
  'a definition without %s, as JavaScript lets one write it, is refused by name',
  (name) => {
    const incomplete = { ...task, [name]: undefined } as unknown as typeof task;
    expect(() => defineTask(incomplete)).toThrow(TaskDefinitionError);
    expect(() => defineTask(incomplete)).toThrow(name);
  },
);

test('an unknown option of the back-off is named with its place', () => {
  expect(() => defineTask({ ...task, backoff: { delay: 5 } as object })).toThrow(/backoff.*did you mean "delayMs"/);
});
