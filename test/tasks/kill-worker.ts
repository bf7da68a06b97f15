import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'kill_worker',
  description: 'Brings down the worker that runs it, as a crash in native code would.',
  parameters: z.strictObject({}),
  result: z.strictObject({}),
  example: {},
});

export const handler: HandlerOf<typeof task> = () => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};
