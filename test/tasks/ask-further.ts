import { setTimeout as delay } from 'node:timers/promises';
import { defineTask, type HandlerOf } from '@taskwire/tasks';
import { z } from 'zod';
import { task as logRun } from './log-run.ts';

/** Uses all that a handler gets, in each of two attempts. */
export const task = defineTask({
  type: 'ask_further',
  description: 'Asks for two further tasks, says so in all ways, and fails at first.',
  attempts: 2,
  backoff: { delayMs: 1 },
  parameters: z.strictObject({ file: z.string() }),
  result: z.strictObject({ user: z.unknown(), metadata: z.unknown(), ids: z.array(z.string()), refused: z.string() }),
  example: { file: '/tmp/runs' },
});

export const handler: HandlerOf<typeof task> = async (context) => {
  const { parameters, attempt, userId: user, metadata, logger, submit } = context;
  logger.warn({ attempt, err: new TypeError('OOM in a Redis of my own') }, 'said by logger');
  console.log('said by %s', 'console');
  await delay(1);
  console.error('said later');
  const ids = [await submit(logRun, parameters), await submit('log_run', parameters, { key: 'second', user_id: null })];
  if (attempt === 1) throw new Error('at first');
  const refused = await submit('x'.repeat(200), {}).catch((error: Error) => error.message);
  return { user, metadata, ids, refused: String(refused) };
};
