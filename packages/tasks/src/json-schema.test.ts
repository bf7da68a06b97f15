import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineTask } from './define-task.ts';
import { parametersJsonSchema } from './json-schema.ts';
import { zodFromJsonSchema } from './json-schema-check.ts';

const rest = { description: 'Asks.', result: z.object({}), example: { token: 'x' } };

test.each([
  ['zod', z.object({ token: z.string().meta({ secret: true }), secret: z.string().optional() })],
  [
    'JSON Schema',
    zodFromJsonSchema({
      type: 'object',
      properties: { token: { type: 'string', secret: true }, secret: { type: 'string' } },
      required: ['token'],
    }),
  ],
])('a secret parameter of %s is published as secret, and as the standard has it', (_, parameters) => {
  expect(parametersJsonSchema(defineTask({ ...rest, type: 'ask', parameters }))).toMatchObject({
    properties: { token: { type: 'string', secret: true, writeOnly: true }, secret: { type: 'string' } },
    required: ['token'],
  });
});
