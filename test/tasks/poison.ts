import { setTimeout as delay } from 'node:timers/promises';
import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

const parameters = z.strictObject({
  how: z.enum(['exit', 'throw', 'reject', 'memory', 'loop', 'throw_late', 'print']),
});

export const task = defineTask({
  type: 'poison',
  description: 'Hurts the process that runs it.',
  attempts: 1,
  parameters,
  result: z.strictObject({ done: z.boolean() }),
  example: { how: 'exit' },
});

export const handler: HandlerOf<typeof task> = async ({ parameters: { how } }) => {
  const hoard: unknown[] = [];
  // After its neighbours have started.
  await delay(100);
  switch (how) {
    case 'exit':
      return process.exit(3);
    case 'throw':
      setTimeout(() => {
        throw new Error('thrown in a timer');
      });
      return new Promise(() => undefined);
    case 'reject':
      void Promise.reject(new Error('rejected'));
      return new Promise(() => undefined);
    case 'memory':
      for (;;) hoard.push(Array.from({ length: 100_000 }, (_, index) => ({ index })));
    case 'loop':
      for (;;);
    case 'throw_late':
      setTimeout(() => {
        throw new Error('thrown when all was done');
      }, 50);
      return { done: true };
    case 'print':
      console.log(JSON.stringify({ result: { done: false } }));
      process.stdout.write('no line of the protocol\n');
      return { done: true };
  }
};
