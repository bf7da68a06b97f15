import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeRequest } from './decode.ts';
import { sentenceOf } from './error-details.ts';
import { requestSchema, type TaskRequest, taskIdSchema } from './request.ts';
import { resultSchema } from './result.ts';

const maxBytes = 4096;

/** JSON text of an object with any keys, also such as `__proto__` that JavaScript's objects treat in a way of their own. */
const objectText = fc
  .uniqueArray(
    fc.tuple(
      fc.oneof(fc.constantFrom('__proto__', 'constructor', 'toString', '', 'then'), fc.string()),
      fc.jsonValue(),
    ),
    { selector: ([key]) => key, maxLength: 5 },
  )
  .map((entries) => `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`)
  .filter((text) => Buffer.byteLength(text) <= maxBytes / 4);

const taskId = fc.stringMatching(/^[A-Za-z0-9._~-]{1,128}$/);
const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,40})(\.\d{1,20}[1-9])?$/).filter((text) => text !== '-0');
const userId = fc.oneof(
  digits,
  fc.oneof(fc.string(), fc.constant(null)).map((id) => JSON.stringify(id)),
);

/** JSON texts of a valid request, by field. */
const validFields = fc.record(
  {
    task_type: fc.string({ minLength: 1, maxLength: 128 }).map((text) => JSON.stringify(text)),
    task_id: taskId.map((text) => JSON.stringify(text)),
    user_id: userId,
    parameters: objectText,
    // Integers that JavaScript would change are refused there, see request.test.ts.
    metadata: objectText.filter((text) => !/\d{16}/.test(text)),
    reply_to: fc.string({ maxLength: 20 }).map((text) => JSON.stringify(`results${text}`)),
    priority: fc.integer({ min: 1, max: 1000 }).map(String),
    delay_ms: fc.integer({ min: 0, max: 31_536_000_000 }).map(String),
    timeout_ms: fc.integer({ min: 1, max: 86_400_000 }).map(String),
    attempts: fc.integer({ min: 1, max: 100 }).map(String),
  },
  { requiredKeys: ['task_type'] },
);

const validText = validFields.map((fields) => `{${Object.entries(fields).map(([name, text]) => `"${name}":${text}`)}}`);

/** Like a request, with anything in its fields. */
const almostText = fc
  .record(Object.fromEntries(Object.keys(requestSchema.shape).map((name) => [name, fc.jsonValue()])), {
    requiredKeys: [],
  })
  .map((message) => JSON.stringify(message));

/** A valid request in which a few bytes were changed. */
const damaged = fc
  .tuple(validText, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 }))
  .map(([text, changes]) => {
    const bytes = Buffer.from(text);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ minLength: maxBytes - 2, maxLength: maxBytes + 2, size: 'max' }),
  fc.oneof(fc.json(), fc.string(), almostText, validText).map((text) => Buffer.from(text)),
  damaged,
);

test('any bytes become a request, or a rejection that can be answered with a valid result', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const decoded = decodeRequest(bytes, { maxBytes });
      if (decoded.status === 'decoded') {
        expect(requestSchema.safeParse(decoded.request).success).toBe(true);
        expect(taskIdSchema.safeParse(decoded.request.task_id).success).toBe(true);
        return;
      }
      const { code, error, details, task } = decoded.rejection;
      expect(['invalid_json', 'invalid_message', 'message_too_large']).toContain(code);
      expect(code === 'message_too_large').toBe(bytes.length > maxBytes);
      expect(error).not.toBe('');
      if (code === 'invalid_message') expect(error).toBe(sentenceOf('The message is invalid', details ?? []));
      const { reply_to: _, ...named } = task;
      const answer = { ...named, status: 'error', error, error_code: code, ...(details && { error_details: details }) };
      const timestamp = new Date().toISOString();
      resultSchema.parse({ ...answer, timestamp, attempts: 0, duration_ms: 0, queued_ms: 0 });
    }),
    { numRuns: 500 },
  );
});

test('a valid request comes through unchanged, byte for byte in its JSON', () => {
  fc.assert(
    fc.property(validFields, (fields) => {
      const text = `{${Object.entries(fields).map(([name, value]) => `"${name}":${value}`)}}`;
      const decoded = decodeRequest(Buffer.from(text), { maxBytes });
      if (decoded.status === 'rejected') throw new Error(decoded.rejection.error);
      const expected = { parameters: '{}', user_id: 'null', metadata: '{}', ...fields };
      for (const [name, value] of Object.entries(expected)) {
        const came = JSON.stringify(decoded.request[name as keyof TaskRequest]);
        expect(came).toBe(name === 'user_id' ? value : JSON.stringify(JSON.parse(value)));
      }
      const added = fields.task_id === undefined ? ['task_id'] : [];
      expect(Object.keys(decoded.request).sort()).toEqual([...Object.keys(expected), ...added].sort());
    }),
    { numRuns: 300 },
  );
});
