import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCancel, encodeCancel } from './cancel.ts';
import { InvalidRequestError } from './encode.ts';
import { errorDetailSchema } from './error-details.ts';

const options = { maxBytes: 1000 };

function decode(message: unknown) {
  return decodeCancel(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), options);
}

test('takes what encodeCancel makes', () => {
  expect(decode(encodeCancel('order-7.a~b_c'))).toEqual({ status: 'decoded', taskId: 'order-7.a~b_c' });
});

test('does not make a message with an id that no task can have', () => {
  expect(() => encodeCancel('order 7')).toThrow(InvalidRequestError);
});

test.each<[string, unknown, string, string]>([
  ['no JSON', '{"task_id":', 'invalid_json', 'The message is not valid JSON'],
  ['no object', [], 'invalid_message', 'The cancel message is invalid: must be a JSON object with a "task_id"'],
  ['null', null, 'invalid_message', 'The cancel message is invalid: must be a JSON object with a "task_id"'],
  ['no id', {}, 'invalid_message', 'The cancel message is invalid: task_id: is required'],
  ['a number for an id', { task_id: 7 }, 'invalid_message', 'The cancel message is invalid: task_id: '],
  [
    'a misspelt field',
    { task_id: 't', taskid: 't' },
    'invalid_message',
    'The cancel message for the task t is invalid: taskid: no such field; did you mean "task_id"?',
  ],
  ['too much', { task_id: 'x'.repeat(1000) }, 'message_too_large', 'The message has 1014 bytes; at most 1000'],
])('refuses a message with %s, and names no task', (_, message, code, error) => {
  const rejection = { code, error: expect.stringContaining(error), task: { task_id: null, task_type: null } };
  expect(decode(message)).toMatchObject({ status: 'rejected', rejection });
});

test('any bytes are a task id or a rejection with a sentence', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((json) => Buffer.from(json)),
      ),
      (bytes) => {
        const decoded = decodeCancel(bytes, options);
        if (decoded.status === 'decoded') return;
        expect(decoded.rejection.error).not.toBe('');
        for (const detail of decoded.rejection.details ?? []) errorDetailSchema.parse(detail);
      },
    ),
  );
});
