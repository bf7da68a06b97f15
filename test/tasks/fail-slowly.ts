import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'fail_slowly',
  description: 'Fails, and is tried again when nobody waits for it any more.',
  attempts: 2,
  backoff: { delayMs: 3_600_000, maxDelayMs: 3_600_000 },
  parameters: z.strictObject({}),
  result: z.strictObject({}),
  example: {},
});

export const handler: HandlerOf<typeof task> = () => {
  throw new Error('the first attempt fails');
};
