import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'hello',
  description: 'Greets somebody.',
  parameters: z.strictObject({
    name: z.string().min(1).describe('Who is greeted'),
  }),
  result: z.strictObject({ greeting: z.string() }),
  example: { name: 'Ada' },
});

export const handler: HandlerOf<typeof task> = ({ parameters }) => {
  return { greeting: `Hello, ${parameters.name}!` };
};
