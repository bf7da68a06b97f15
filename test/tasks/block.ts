import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'block',
  description: 'Keeps the event loop busy, as a task should not.',
  batch: false,
  parameters: z.strictObject({ ms: z.int() }),
  result: z.strictObject({}),
  example: { ms: 1 },
});

export const handler: HandlerOf<typeof task> = ({ parameters }) => {
  const end = performance.now() + parameters.ms;
  while (performance.now() < end);
  return {};
};
