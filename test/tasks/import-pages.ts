import { appendFileSync, existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { checkpoint, defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';

/** An import that goes on where an earlier attempt has stopped. */
export const task = defineTask({
  type: 'import_pages',
  description: 'Writes the number of each page into a file.',
  attempts: 1,
  parameters: z.strictObject({
    file: z.string(),
    pages: z.int(),
    stop_at: z.int().optional(),
    go_on: z.string().optional(),
  }),
  result: z.strictObject({ first: z.int() }),
  example: { file: '/tmp/pages', pages: 3 },
});

export const handler: HandlerOf<typeof task> = async ({ parameters, checkpoint: left, signal }) => {
  const { file, pages, stop_at, go_on } = parameters;
  const first = typeof left === 'number' ? left : 1;
  if (signal.aborted) appendFileSync(file, `ended at ${first}\n`);
  signal.throwIfAborted();
  for (let page = first; page <= pages; page += 1) {
    if (page === stop_at && !(go_on !== undefined && existsSync(go_on))) await delay(60_000, undefined, { signal });
    appendFileSync(file, `${page}\n`);
    await checkpoint(page + 1);
  }
  return { first };
};
