import { expect, test } from 'vitest';
import { decodeRequest } from './decode.ts';
import { encodeRequest, InvalidRequestError } from './encode.ts';

test('writes the request as it was given, with a task id of its own', () => {
  const input = { task_type: 'reverse_string', parameters: { text: 'abc' }, user_id: 7 };
  const { request, message } = encodeRequest(input);
  expect(request).toEqual({ ...input, task_id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(JSON.parse(message)).toEqual(request);
});

test('writes a bigint as a number, digit for digit', () => {
  const { message } = encodeRequest({ task_type: 'a', task_id: 't', user_id: -(10n ** 30n) - 1n });
  expect(message).toBe('{"task_type":"a","task_id":"t","user_id":-1000000000000000000000000000001}');
});

test('keeps a task id that was given', () => {
  expect(encodeRequest({ task_type: 'a', task_id: 'mine' }).request.task_id).toBe('mine');
});

test('does not change what it was given', () => {
  const input = Object.freeze({ task_type: 'a' });
  encodeRequest(input);
  expect(input).toEqual({ task_type: 'a' });
});

test('what it writes is what a processor reads', () => {
  const { request, message } = encodeRequest({
    task_type: 'a',
    parameters: { list: [1, 'two', null] },
    user_id: '7',
    metadata: { page: 3 },
    reply_to: 'results:me',
    priority: 5,
    delay_ms: 1,
    timeout_ms: 2,
    attempts: 3,
  });
  expect(decodeRequest(Buffer.from(message), { maxBytes: 1000 })).toEqual({ status: 'decoded', request, named: true });
});

test('refuses what no processor would accept, with all faults', () => {
  const faulty = { task_type: '', user_id: 2 ** 53, reply_to: 'elsewhere', usr_id: 7 };
  expect(() => encodeRequest(faulty)).toThrow(InvalidRequestError);
  expect(() => encodeRequest(faulty)).toThrow(
    expect.objectContaining({
      code: 'invalid_message',
      message: expect.stringMatching(/^The request is invalid: task_type: /),
      details: [
        expect.objectContaining({ path: 'task_type' }),
        { path: 'user_id', message: 'has more digits than a number of JavaScript holds; pass a bigint' },
        { path: 'reply_to', message: 'must start with "results"' },
        { path: 'usr_id', message: 'no such field; did you mean "user_id"?' },
      ],
    }),
  );
});
