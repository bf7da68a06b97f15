import { defineTask, TaskRegistry } from '@taskwire/tasks';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { validate } from './validate.ts';

test('a message on which the schema of a user’s own task throws is rejected, and crashes nothing', () => {
  const definition = defineTask({
    type: 'read_json',
    description: 'Reads a text.',
    parameters: z.strictObject({ text: z.string().refine((text) => JSON.parse(text) !== null) }),
    result: z.strictObject({}),
    example: { text: '{}' },
  });
  const registry = new TaskRegistry([{ file: 'read-json.ts', definition, handler: () => ({}) }]);
  const message = Buffer.from(JSON.stringify({ task_type: 'read_json', parameters: { text: 'no JSON' } }));
  expect(validate(message, { registry, maxBytes: 1000 })).toMatchObject({
    status: 'rejected',
    rejection: { code: 'invalid_parameters' },
  });
});

test('suggests a parameter also when it is not in the example', () => {
  const message = Buffer.from('{"task_type":"sql_query","parameters":{"query":"select 1","conection":"x"}}');
  expect(validate(message, { registry: new TaskRegistry(), maxBytes: 1000 })).toMatchObject({
    rejection: { details: [{ message: 'no such field; did you mean "connection"?' }] },
  });
});
