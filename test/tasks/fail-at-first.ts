import { defineTask, type HandlerOf, PermanentError } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'fail_at_first',
  description: 'Fails a number of times, then succeeds; reports progress.',
  attempts: 3,
  backoff: { delayMs: 10, maxDelayMs: 50 },
  parameters: z.strictObject({ failures: z.int(), permanently: z.boolean().default(false) }),
  result: z.strictObject({ attempt: z.int() }),
  example: { failures: 1 },
});

export const handler: HandlerOf<typeof task> = ({ parameters: { failures, permanently }, attempt, progress }) => {
  progress(0.5, 'half-way');
  if (permanently) throw new PermanentError('there is no way');
  if (attempt <= failures) throw new Error(`attempt ${attempt} fails`);
  return { attempt };
};
