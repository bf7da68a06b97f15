import { setTimeout as delay } from 'node:timers/promises';
import { defineTask, type HandlerOf, PermanentError } from '@taskwire/tasks';
import { z } from 'zod';

export const options = {
  description: 'Says its secret wherever it can.',
  attempts: 2,
  backoff: { delayMs: 10 },
  parameters: z.strictObject({
    word: z
      .string()
      .refine((word) => !word.includes(' '), { error: ({ input }) => `${input} has a blank` })
      .meta({ secret: true }),
    logins: z.array(z.object({ user: z.string(), rhyme: z.string().meta({ secret: true }).optional() })).default([]),
    how: z.enum(['return', 'throw', 'throw_for_good', 'throw_late', 'return_wrongly']),
    left: z.string().optional(),
  }),
  result: z.strictObject({
    said: z.string().refine((said) => said.length < 200, { error: ({ input }) => `${input}?` }),
  }),
  example: { word: 'open-sesame', how: 'return' } as const,
};

export const task = defineTask({ ...options, type: 'keep_secret' });

export const handler: HandlerOf<typeof task> = async ({ parameters, attempt, log, logger, progress }) => {
  const said = `${parameters.word} ${parameters.logins[0]?.rhyme}`;
  log(`by log: ${said}`);
  logger.warn({ err: new Error(said), [parameters.word]: { parameters } }, `by logger: ${said}`);
  console.log('by console', parameters);
  console.dir(parameters);
  progress(0.5, said);
  switch (parameters.how) {
    case 'throw':
      throw new Error(`attempt ${attempt}: ${said}`, { cause: new Error(said) });
    case 'throw_for_good':
      throw new PermanentError(said, { details: [{ path: 'parameters.word', message: said }] });
    case 'throw_late':
      setTimeout(() => Promise.reject(new Error(`late: ${said}`)), 200);
      setTimeout(() => console.log('later', said), 210);
      return { said: 'nothing' };
    case 'return_wrongly':
      return { said: said.repeat(10) };
    case 'return':
      await delay(1);
      return { said };
  }
};
