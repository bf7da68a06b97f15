import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

/** Leaves a line in a file for each run, so that a test can count the runs and wait for them. */
export const task = defineTask({
  type: 'log_run',
  description: 'Appends a line to a file when it starts, and runs for a while.',
  attempts: 1,
  parameters: z.strictObject({
    file: z.string(),
    run_ms: z.int().default(0),
    heed_signal: z.boolean().default(true),
    endless_at_first: z.boolean().default(false),
  }),
  result: z.strictObject({ done: z.boolean() }),
  example: { file: '/tmp/runs' },
});

export const handler: HandlerOf<typeof task> = async ({ parameters, signal, log }) => {
  const { file, run_ms, heed_signal, endless_at_first } = parameters;
  const first = !existsSync(file);
  appendFileSync(file, 'run\n');
  if (endless_at_first && first) {
    log('runs for long');
    await delay(60_000);
  }
  await delay(run_ms, undefined, heed_signal ? { signal } : {});
  return { done: true };
};
