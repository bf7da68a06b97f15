import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

/** Writes its number down for each run, so that double runs are counted. */
export const task = defineTask({
  type: 'numbered',
  description: 'A task with a number, which it writes down when it runs.',
  parameters: z.strictObject({ number: z.int(), file: z.string(), run_ms: z.int().default(0) }),
  result: z.strictObject({ number: z.int() }),
  example: { number: 1, file: '/tmp/runs' },
});

export const handler: HandlerOf<typeof task> = async ({ parameters: { number, file, run_ms }, signal }) => {
  appendFileSync(file, `${number}\n`);
  if (run_ms > 0) await delay(run_ms, undefined, { signal });
  return { number };
};
