import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'return_anything',
  description: 'Returns what a careless handler might.',
  parameters: z.strictObject({ what: z.enum(['nothing', 'bigint', 'too_much']) }),
  result: z.looseObject({}),
  example: { what: 'nothing' },
});

const returns = { nothing: undefined, bigint: { value: 1n }, too_much: { text: 'x'.repeat(2_000_000) } };

export const handler: HandlerOf<typeof task> = ({ parameters }) => returns[parameters.what] as Record<string, unknown>;
