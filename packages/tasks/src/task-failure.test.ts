import { expect, test } from 'vitest';
import { InvalidParameterError, LimitError, PermanentError } from './task-failure.ts';

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

test('a limit that a handler met has its own code of the wire, and is permanent', () => {
  const cause = new Error('57014');
  const error = new LimitError('timeout', 'The database stopped the query', { cause });
  expect(error).toBeInstanceOf(PermanentError);
  expect(error).toMatchObject({
    name: 'LimitError',
    code: 'timeout',
    message: 'The database stopped the query',
    cause,
  });
});

test('a permanent error may say where and what', () => {
  const details = [{ path: 'parameters.query', message: 'no such table', code: '42P01', position: 14 }];
  expect(new PermanentError('no such table', { details }).details).toEqual(details);
});
