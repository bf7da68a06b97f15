import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../define-task.ts';
import { lightTasks } from '../definitions/index.ts';
import { checkParameters } from './check-parameters.ts';

const [generateRandomNumber] = lightTasks;

test('parameters that fit come back with their defaults', () => {
  const checked = checkParameters(generateRandomNumber, { max_value: 7 });
  expect(checked).toEqual({ status: 'valid', parameters: { min_value: 1, max_value: 7 } });
});

test('parameters that do not fit are named below `parameters`, with a suggestion', () => {
  const checked = checkParameters(generateRandomNumber, { min_value: 'x', max_valeu: 1 });
  expect(checked).toMatchObject({
    status: 'invalid',
    failure: {
      code: 'invalid_parameters',
      error: expect.stringMatching(/^The parameters of generate_random_number are invalid: parameters\.min_value: /),
      details: [
        { path: 'parameters.min_value' },
        { path: 'parameters.max_valeu', message: 'no such field; did you mean "max_value"?' },
      ],
      retryable: false,
    },
  });
});

test('a schema that throws makes its parameters invalid', () => {
  const task = defineTask({
    type: 'careless',
    description: 'Has a schema that throws.',
    parameters: z.strictObject({ json: z.string().refine((text) => JSON.parse(text)) }),
    result: z.strictObject({}),
    example: { json: '{}' },
  });
  expect(checkParameters(task, { json: 'no JSON' })).toMatchObject({
    status: 'invalid',
    failure: {
      code: 'invalid_parameters',
      details: [{ path: 'parameters', message: expect.stringContaining('JSON') }],
    },
  });
});
