import { setTimeout as delay } from 'node:timers/promises';
import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'wait',
  description: 'Waits, and hurts nobody.',
  parameters: z.strictObject({ ms: z.int() }),
  result: z.strictObject({ waited: z.boolean() }),
  example: { ms: 10 },
});

export const handler: HandlerOf<typeof task> = async ({ parameters: { ms }, signal }) => {
  await delay(ms, undefined, { signal });
  return { waited: true };
};
