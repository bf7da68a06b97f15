import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'read_environment',
  description: 'Gives a variable of its environment.',
  parameters: z.strictObject({ name: z.string() }),
  result: z.strictObject({ value: z.string().nullable() }),
  example: { name: 'LETTER_KEY' },
});

export const handler: HandlerOf<typeof task> = ({ parameters: { name } }) => {
  // biome-ignore lint/style/noProcessEnv: as in a task of a user
  return { value: process.env[name] ?? null };
};
