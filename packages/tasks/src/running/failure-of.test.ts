import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lightTasks } from '../definitions/index.ts';
import { InvalidParameterError, LimitError, PermanentError } from '../task-failure.ts';
import { failureOf, invalidResult } from './failure-of.ts';

const [generateRandomNumber] = lightTasks;

test.each([
  [new Error('no connection'), 'no connection'],
  [new TypeError(''), 'TypeError'],
  ['just a text', 'just a text'],
  [42, '42'],
  [undefined, 'undefined'],
  [null, 'null'],
  ['', "''"],
  [Object.create(null), '[Object: null prototype] {}'],
])('anything thrown (%o) fails the attempt, in words, and may be tried again', (thrown, error) => {
  expect(failureOf(thrown)).toEqual({ code: 'task_failed', error, cause: thrown, retryable: true });
});

test('a permanent error is not tried again', () => {
  const failure = { code: 'task_failed', error: 'The account is closed', retryable: false };
  expect(failureOf(new PermanentError('The account is closed'))).toMatchObject(failure);
  class AccountClosed extends PermanentError {}
  expect(failureOf(new AccountClosed('The account is closed'))).toMatchObject(failure);
});

test('a parameter that turned out wrong is named as in a rejection, and not tried again', () => {
  expect(failureOf(new InvalidParameterError('connection', 'there is no connection "x"'))).toMatchObject({
    code: 'invalid_parameters',
    error: 'parameters.connection: there is no connection "x"',
    details: [{ path: 'parameters.connection', message: 'there is no connection "x"' }],
    retryable: false,
  });
});

test.each(['timeout', 'result_too_large'] as const)('a handler may itself say %s, which is not tried again', (code) => {
  const thrown = new LimitError(code, 'The database stopped the query');
  const error = 'The database stopped the query';
  expect(failureOf(thrown)).toEqual({ code, error, cause: thrown, retryable: false });
});

test('passes on where and what a permanent error says, in bounds', () => {
  const detail = { path: 'parameters.query', message: 'no such table', code: '42P01', position: 14 };
  expect(failureOf(new PermanentError('x', { details: [detail] })).details).toEqual([detail]);
  const long = Array.from({ length: 30 }, () => ({ ...detail, message: 'x'.repeat(3000) }));
  const told = failureOf(new LimitError('timeout', 'x', { details: long })).details;
  expect(told).toHaveLength(20);
  expect(told?.[0]).toEqual({ ...detail, message: `${'x'.repeat(2000)}…` });
});

test.each([[], 'text', [{ path: 5 }], [{ path: '', message: '', secret: 1 }]])(
  'leaves out details that do not fit the wire (%j)',
  (details) => {
    const error = Object.assign(new PermanentError('x'), { details });
    expect(failureOf(error)).not.toHaveProperty('details');
  },
);

test('cuts very long messages short', () => {
  const { error } = failureOf(new Error('x'.repeat(1_000_000)));
  expect(error).toBe(`${'x'.repeat(2000)}…`);
});

test('any message of an error comes through as it is, or cut short', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 2100, size: 'max' }), (message) => {
      const { error } = failureOf(new Error(message));
      expect(error).toBe(message.length > 2000 ? `${message.slice(0, 2000)}…` : message);
    }),
  );
});

test('a handler that returns something else than it declares is at fault, not its caller', () => {
  const { error } = generateRandomNumber.result.safeParse({ number: 'x' });
  if (!error) throw new Error('the result is valid');
  expect(invalidResult(generateRandomNumber, error)).toEqual({
    code: 'task_failed',
    error: expect.stringMatching(/^The handler of generate_random_number returned .*: result\.number: /),
    retryable: false,
  });
});
