import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'wait',
  description: 'Waits, and hurts nobody.',
  parameters: z.strictObject({
    ms: z.int().default(0),
    until_there_is: z.string().optional().describe('A file'),
  }),
  result: z.strictObject({ waited: z.boolean() }),
  example: { ms: 10 },
});

export const handler: HandlerOf<typeof task> = async ({ parameters: { ms, until_there_is }, signal }) => {
  await delay(ms, undefined, { signal });
  while (until_there_is && !existsSync(until_there_is)) await delay(50, undefined, { signal });
  return { waited: true };
};
