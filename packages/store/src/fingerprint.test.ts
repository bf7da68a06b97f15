import { hash } from 'node:crypto';
import { isJsonObject, type JsonObject, rawNumber, type TaskRequest, type UserId } from '@taskwire/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

/** As it was when records were first written; they live for as long as their results. */
function fingerprintOfRecords({ task_type, user_id, parameters }: TaskRequest): string {
  return hash('sha1', JSON.stringify([task_type, user_id, parameters], inKeyOrder), 'base64');
}

function inKeyOrder(_key: string, value: unknown): unknown {
  if (!isJsonObject(value) || Object.keys(value).length < 2) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function request(parameters: JsonObject, user_id: UserId = 7): TaskRequest {
  return { task_id: 't', task_type: 'shout', parameters, user_id, metadata: {} };
}

// Also those that JavaScript puts first, and those that an object has anyway.
const keys = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.constantFrom(
    '0',
    '1',
    '9',
    '10',
    '-1',
    '01',
    '__proto__',
    'constructor',
    'toJSON',
    'rawJSON',
    'é',
    '😀',
    '\uffff',
  ),
);
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -0, 1e21, 0.1, 'text', ''),
    fc.array(tie('value'), { maxLength: 4 }),
    // Written by hand, as requests are: each key where the arbitrary put it.
    fc
      .array(fc.tuple(keys, tie('value')), { maxLength: 5 })
      .map((pairs) => JSON.parse(`{${pairs.map((pair) => pair.map((part) => JSON.stringify(part)).join(':'))}}`)),
  ),
}));
const userIds = fc.constantFrom<UserId>(null, '7', 7, rawNumber('12345678901234567890'), rawNumber('1.50'));

test('is the fingerprint that the records have', () => {
  fc.assert(
    fc.property(json.filter(isJsonObject), userIds, (parameters, userId) => {
      const asked = request(parameters as JsonObject, userId);
      expect(fingerprintOf(asked)).toBe(fingerprintOfRecords(asked));
    }),
    { numRuns: 2000 },
  );
  expect(fingerprintOf(request({ text: 'abc' }))).toBe('7s8gjJ1RS6FH9GCw2JaoZGlTddk=');
});

test('does not depend on the order of keys, nor does it cost more the deeper they are', () => {
  const nested = (depth: number, order: 1 | -1): JsonObject =>
    Object.fromEntries(
      [
        ['a', depth === 0 ? 1 : nested(depth - 1, order)],
        ['b', 2],
      ].toSorted(() => order) as never,
    );
  expect(fingerprintOf(request(nested(95, 1)))).toBe(fingerprintOf(request(nested(95, -1))));
});
