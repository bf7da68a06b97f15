import { expect, test } from 'vitest';
import { decodeRequest, MAX_NESTING } from './decode.ts';
import type { Rejection } from './rejection.ts';

const options = { maxBytes: 1024 * 1024 };

function decode(message: unknown) {
  return decodeRequest(Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)), options);
}

function rejectionOf(message: unknown): Rejection {
  const decoded = decode(message);
  if (decoded.status === 'decoded') throw new Error('it was decoded');
  return decoded.rejection;
}

/** The request of a message with an array in `parameters.deep`, nested so that the message has this many levels. */
function nested(levels: number): string {
  const inArrays = levels - 2;
  return `{"task_type":"a","parameters":{"deep":${'['.repeat(inArrays)}${']'.repeat(inArrays)}}}`;
}

test('fills in the defaults of a request that only names its task type', () => {
  expect(decode({ task_type: 'reverse_string' })).toEqual({
    status: 'decoded',
    named: false,
    request: {
      task_type: 'reverse_string',
      parameters: {},
      user_id: null,
      metadata: {},
      task_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    },
  });
});

test('takes the message of the old web application as it is', () => {
  const message = { user_id: 7, task_type: 'reverse_string', parameters: { text: 'abc' } };
  expect(decode(message)).toMatchObject({ status: 'decoded', request: message, named: false });
});

test('gives every request without a task id an id of its own, and its own defaults', () => {
  const [first, second] = [decode({ task_type: 'a' }), decode({ task_type: 'a' })];
  if (first.status === 'rejected' || second.status === 'rejected') throw new Error('rejected');
  expect(first.request.task_id).not.toBe(second.request.task_id);
  expect(first.request.metadata).not.toBe(second.request.metadata);
  expect(first.request.parameters).not.toBe(second.request.parameters);
});

test.each(['', 'abc', '{', '{"task_type":"a"} x', '{"task_type":NaN}', "{'task_type':'a'}", '\ufeff{"task_type":"a"}'])(
  'rejects %j as invalid JSON and says why',
  (text) => {
    const { code, error, details, task } = rejectionOf(text);
    expect(code).toBe('invalid_json');
    expect(error).toMatch(/^The message is not valid JSON: ./);
    expect(details).toEqual([{ path: '', message: expect.stringMatching(/./) }]);
    expect(task).toEqual({ task_id: null, task_type: null, user_id: null, metadata: null, reply_to: undefined });
  },
);

test.each([
  ['a stray continuation byte', [0x22, 0x80, 0x22]],
  ['Latin-1', [...Buffer.from('{"task_type":"'), 0xe4, ...Buffer.from('"}')]],
  ['a surrogate written as UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ['an overlong form', [0x22, 0xc0, 0xaf, 0x22]],
])('rejects %s as invalid JSON instead of guessing characters', (_, bytes) => {
  expect(decodeRequest(Uint8Array.from(bytes), options)).toMatchObject({
    status: 'rejected',
    rejection: { code: 'invalid_json', error: 'The message is not valid JSON: it is not UTF-8' },
  });
});

test.each(['null', 'true', '5', '"reverse_string"', '[]', '[{"task_type":"a"}]'])('rejects %s: no object', (text) => {
  expect(rejectionOf(text)).toMatchObject({
    code: 'invalid_message',
    error: 'The message is invalid: must be a JSON object with a "task_type"',
  });
});

test('accepts a message of exactly the permitted size and refuses one byte more, naming both sizes', () => {
  const message = Buffer.from('{"task_type":"ä"}');
  expect(decodeRequest(message, { maxBytes: message.length })).toMatchObject({ status: 'decoded' });
  expect(decodeRequest(message, { maxBytes: message.length - 1 })).toMatchObject({
    status: 'rejected',
    rejection: { code: 'message_too_large', error: expect.stringMatching(/18 bytes.* 17 /) },
  });
});

test('looks at the size before it looks at the content', () => {
  const noise = Buffer.alloc(1000, 0xff);
  expect(decodeRequest(noise, { maxBytes: 999 })).toMatchObject({ rejection: { code: 'message_too_large' } });
});

test('reads only its own part of a larger buffer', () => {
  const whole = Buffer.from('xxxx{"task_type":"a"}yyyy');
  expect(decodeRequest(whole.subarray(4, -4), options)).toMatchObject({ status: 'decoded' });
});

test('accepts nesting up to the limit and refuses one level more', () => {
  expect(decode(nested(MAX_NESTING))).toMatchObject({ status: 'decoded' });
  expect(rejectionOf(nested(MAX_NESTING + 1))).toMatchObject({
    code: 'invalid_message',
    error: 'The message is invalid: is nested deeper than 100 levels',
  });
});

test.each([
  ['arrays', '['.repeat(400_000) + ']'.repeat(400_000)],
  ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ['arrays inside a request', nested(400_000)],
])('answers a message of very deeply nested %s', (_, text) => {
  expect(rejectionOf(text).code).toBe('invalid_message');
});

test('names an unknown field and suggests the one that was meant', () => {
  const { code, error, details } = rejectionOf({ task_type: 'a', usr_id: 1, prioritty: 2, xyzzy: 3 });
  expect(code).toBe('invalid_message');
  expect(details).toEqual([
    { path: 'usr_id', message: 'no such field; did you mean "user_id"?' },
    { path: 'prioritty', message: 'no such field; did you mean "priority"?' },
    { path: 'xyzzy', message: 'no such field' },
  ]);
  expect(error).toContain('usr_id: no such field; did you mean "user_id"?');
});

test.each(['__proto__', 'constructor', 'toString'])(
  'names the unknown field %s, which every object seems to have',
  (name) => {
    const { details } = rejectionOf(`{"task_type":"a","${name}":{"user_id":5}}`);
    expect(details).toEqual([{ path: name, message: 'no such field' }]);
  },
);

test('reports all faults of a message at once, at most 20', () => {
  expect(rejectionOf({ task_type: '', user_id: true, priority: 0 }).details?.map(({ path }) => path)).toEqual([
    'task_type',
    'user_id',
    'priority',
  ]);
  const noise = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`noise${index}`, index]));
  const { details, error } = rejectionOf({ task_type: 'a', ...noise });
  expect(details).toHaveLength(20);
  expect(error).toMatch(/\(and 17 more\)$/);
});

test('tells the sender of a faulty message everything of it that could be read', () => {
  const readable = { task_id: 't-1', task_type: 'a', user_id: 7, metadata: { page: 3 }, reply_to: 'results:me' };
  expect(rejectionOf({ ...readable, priority: 'high' }).task).toEqual(readable);
});

test('leaves out of the answer what is itself faulty', () => {
  const faulty = { task_id: 'not an id', task_type: 5, user_id: {}, metadata: [], reply_to: 'other:channel' };
  expect(rejectionOf(faulty).task).toEqual({
    task_id: null,
    task_type: null,
    user_id: null,
    metadata: null,
    reply_to: undefined,
  });
});

test('takes metadata up to its limit, in bytes of compact JSON, and sends none back that is larger', () => {
  const decodeWithin = (metadata: unknown, maxMetadataBytes: number, more: object = {}) => {
    // Blanks do not count.
    const message = Buffer.from(JSON.stringify({ task_type: 'a', metadata, ...more }, null, 4));
    return decodeRequest(message, { ...options, maxMetadataBytes });
  };
  const metadata = { a: 'é'.repeat(996) };
  expect(decodeWithin(metadata, 2000)).toMatchObject({ status: 'decoded', request: { metadata } });
  const error = 'metadata: has 2000 bytes of JSON; at most 1999 are accepted (processor.max_metadata_bytes)';
  expect(decodeWithin(metadata, 1999)).toMatchObject({
    rejection: { code: 'invalid_message', error: `The message is invalid: ${error}`, task: { metadata: null } },
  });
  const faulty = decodeWithin(metadata, 1999, { task_id: 't', priority: 0 });
  expect(faulty).toMatchObject({
    rejection: { details: [{ path: 'priority' }, { path: 'metadata' }], task: { task_id: 't', metadata: null } },
  });
});
