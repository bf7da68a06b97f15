import { ServiceMetrics } from '@taskwire/monitoring';
import { parseMessage, resultSchema } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import type { Announcer } from '@taskwire/store';
import { TaskRegistry } from '@taskwire/tasks';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReject } from './reject.ts';
import { validate } from './validate.ts';

const options = { registry: new TaskRegistry(), maxBytes: 1000 };

function validated(message: unknown) {
  return validate(Buffer.from(JSON.stringify(message)), options);
}

test('a good request comes with the definition of its task, and its parameters as they were sent', () => {
  const request = { task_type: 'generate_random_number', parameters: { min_value: 5 }, task_id: 't', user_id: '7' };
  expect(validated(request)).toEqual({
    status: 'valid',
    named: true,
    task: {
      request: { ...request, metadata: {} },
      definition: options.registry.get('generate_random_number'),
    },
  });
});

test('an unknown task type is named, with what was meant', () => {
  expect(validated({ task_type: 'reverse_strng', task_id: 't', user_id: 7, metadata: { page: 3 } })).toMatchObject({
    status: 'rejected',
    rejection: {
      code: 'unknown_task_type',
      error: 'There is no task type "reverse_strng"; did you mean "reverse_string"?',
      task: { task_id: 't', task_type: 'reverse_strng', user_id: 7, metadata: { page: 3 } },
    },
  });
});

test.each(['__proto__', 'constructor', 'toString'])('%s is an unknown task type like any other', (task_type) => {
  expect(validated({ task_type })).toMatchObject({ rejection: { code: 'unknown_task_type' } });
});

test('each faulty parameter is named', () => {
  expect(validated({ task_type: 'reverse_string', parameters: { text: '', txet: 'abc' } })).toMatchObject({
    rejection: {
      code: 'invalid_parameters',
      error: expect.stringMatching(
        /^The parameters of reverse_string are invalid: parameters\.text: must not be empty/,
      ),
      details: [
        { path: 'parameters.text', message: 'must not be empty' },
        { path: 'parameters.txet', message: expect.stringMatching(/^no such field/) },
      ],
    },
  });
});

test('missing parameters are named too', () => {
  expect(validated({ task_type: 'reverse_string' })).toMatchObject({
    rejection: { code: 'invalid_parameters', details: [{ path: 'parameters.text' }] },
  });
});

test.each([
  ['noise', 'invalid_json'],
  ['[]', 'invalid_message'],
  ['{"task_type":"reverse_string","text":"abc"}', 'invalid_message'],
  [`"${'x'.repeat(1000)}"`, 'message_too_large'],
])('what cannot be read as a request is rejected: %s', (text, code) => {
  expect(validate(Buffer.from(text), options)).toMatchObject({ status: 'rejected', rejection: { code } });
});

const taskTypes = fc.oneof(fc.constantFrom('reverse_string', 'generate_random_number', 'sql_query'), fc.string());
const parameterNames = fc.constantFrom(
  'text',
  'min_value',
  'max_value',
  'query',
  'parameters',
  'max_rows',
  '__proto__',
);
const requests = fc.record(
  {
    task_type: taskTypes,
    parameters: fc.oneof(fc.dictionary(parameterNames, fc.jsonValue()), fc.jsonValue()),
    task_id: fc.string(),
    user_id: fc.jsonValue(),
    metadata: fc.jsonValue(),
    reply_to: fc.oneof(fc.constant('results:me'), fc.string()),
  },
  { requiredKeys: [] },
);
const messages = fc.oneof(
  fc.uint8Array({ maxLength: 1100 }),
  requests.map((request) => Buffer.from(JSON.stringify(request))),
);

test('whatever arrives becomes a task or is answered with a result that the protocol knows', async () => {
  const answers: unknown[] = [];
  const announcer = { rejection: async (result: unknown) => void answers.push(result) } as unknown as Announcer;
  await fc.assert(
    fc.asyncProperty(messages, async (message) => {
      const outcome = validate(message, options);
      if (outcome.status === 'valid') {
        const { request, definition } = outcome.task;
        expect(definition.type).toBe(request.task_type);
        expect(definition.parameters.safeParse(request.parameters).success).toBe(true);
        return;
      }
      await createReject({
        announcer,
        metrics: new ServiceMetrics(),
        logger: createLogger({ service: 'test', level: 'silent' }),
      })(outcome.rejection);
      const answer = resultSchema.parse(parseMessage(JSON.stringify(answers.pop())));
      expect(answer).toMatchObject({ status: 'error', attempts: 0, error_code: outcome.rejection.code });
    }),
    { numRuns: 300 },
  );
});
