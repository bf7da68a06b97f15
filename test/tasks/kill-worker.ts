import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

export const task = defineTask({
  type: 'kill_worker',
  description: 'Brings down the worker that runs it, as a crash in native code would.',
  parameters: z.strictObject({ from_task_process: z.boolean().default(false) }),
  result: z.strictObject({}),
  example: {},
});

export const handler: HandlerOf<typeof task> = ({ parameters: { from_task_process } }) => {
  const isTaskProcess = process.argv[1]?.includes('task-process') ?? false;
  process.kill(from_task_process && isTaskProcess ? process.ppid : process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};
