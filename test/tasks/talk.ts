import { defineTask, type HandlerOf, PermanentError } from '@taskwire/tasks';
import { z } from 'zod';

export const options = {
  description: 'Says something in each attempt, and fails in the first ones.',
  attempts: 3,
  backoff: { delayMs: 10 },
  parameters: z.strictObject({ failures: z.int().default(0), for_good: z.boolean().default(false) }),
  result: z.strictObject({}),
  example: {},
};

export const task = defineTask({ ...options, type: 'talk' });

export const handler: HandlerOf<typeof task> = ({ parameters, attempt, log, logger }) => {
  log('asks with password=hunter2');
  logger.warn({ page: attempt }, 'is torn');
  console.log('prints', attempt);
  if (parameters.for_good) throw new PermanentError('there is no way');
  if (attempt <= parameters.failures) throwError(`attempt ${attempt} fails`);
  return {};
};

function throwError(message: string): void {
  throw new Error(message);
}
