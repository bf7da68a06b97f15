import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { defineTask } from '@taskwire/tasks';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readParameters } from './parameters.ts';
import { createLogSink } from './supervisor/log-sink.ts';

const parameters = z.object({ number: z.number().nullable().optional(), text: z.string().nullable().optional() });
const nullable = defineTask({ type: 'nullable', description: 'x', parameters, result: z.object({}), example: {} });

test.each([
  ['number=null', { number: null }],
  ['text=42', { text: '42' }],
])('reads %s as the type of its nullable parameter', (word, expected) => {
  expect(readParameters(nullable, [word])).toEqual(expected);
});

test('a line that only looks like JSON is wrapped for programs', async () => {
  let output = '';
  const sink = createLogSink({ write: (text) => (output += text) });
  const stream = new PassThrough();
  sink.attach('redis', stream);
  stream.end('{oops}\n');
  await once(stream, 'close');
  expect(() => JSON.parse(output)).not.toThrow();
});
