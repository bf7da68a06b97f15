import { expect, test } from 'vitest';
import { InvalidParameterError, PermanentError } from './task-failure.ts';

test('a permanent error carries its message, its cause and the code of the wire', () => {
  const cause = new Error('inside');
  const error = new PermanentError('The account is closed', { cause });
  expect(error).toMatchObject({ name: 'PermanentError', code: 'task_failed', message: 'The account is closed', cause });
});

test('an invalid parameter is named, and is permanent', () => {
  const error = new InvalidParameterError('rows[2].name', 'is taken');
  expect(error).toBeInstanceOf(PermanentError);
  expect(error).toMatchObject({
    name: 'InvalidParameterError',
    code: 'invalid_parameters',
    parameter: 'rows[2].name',
    message: 'parameters.rows[2].name: is taken',
  });
});
