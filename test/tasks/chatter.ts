import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'chatter',
  description: 'Reports progress more often than anybody wants to hear, all in one turn of the event loop.',
  parameters: z.strictObject({ reports: z.int() }),
  result: z.strictObject({ reports: z.int() }),
  example: { reports: 3 },
});

export const handler: HandlerOf<typeof task> = ({ parameters: { reports }, progress }) => {
  for (let report = 1; report <= reports; report += 1) progress(report / reports);
  return { reports };
};
