import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

/** What a bad task can do to its process. */
export const POISONS = ['exit', 'throw', 'reject', 'memory', 'loop'] as const;

export const task = defineTask({
  type: 'poison',
  description: 'Brings down, or blocks, the process that runs it.',
  attempts: 1,
  timeoutMs: 10_000,
  parameters: z.strictObject({ how: z.enum(POISONS) }),
  result: z.strictObject({}),
  example: { how: 'exit' as const },
});

export const handler: HandlerOf<typeof task> = ({ parameters: { how } }) => {
  harm[how]();
  // It never says that it is done.
  return new Promise(() => undefined);
};

const harm: Record<(typeof POISONS)[number], () => void> = {
  exit: () => process.exit(1),
  throw: () =>
    void setTimeout(() => {
      throw new Error('thrown outside the promise of its task');
    }, 10),
  reject: () => void Promise.reject(new Error('rejected where nobody waits')),
  memory: () => {
    const held: number[][] = [];
    for (;;) held.push(Array.from({ length: 1_000_000 }, Math.random));
  },
  loop: () => {
    for (;;);
  },
};
