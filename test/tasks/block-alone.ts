import { writeFileSync } from 'node:fs';
import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'block_alone',
  description: 'Writes the id of its process to a file, and never gives way.',
  isolated: true,
  parameters: z.strictObject({ file: z.string() }),
  result: z.strictObject({}),
  example: { file: '/tmp/pid' },
});

export const handler: HandlerOf<typeof task> = ({ parameters: { file } }) => {
  writeFileSync(file, String(process.pid));
  for (;;);
};
