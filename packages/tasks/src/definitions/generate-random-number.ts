import { z } from 'zod';
import { defineTask } from '../define-task.ts';

export const generateRandomNumber = defineTask({
  type: 'generate_random_number',
  description:
    'Draws an integer, uniformly, from min_value to max_value, both included; both from -(2^53 - 1) to 2^53 - 1.',
  parameters: z
    .strictObject({
      min_value: z.int().default(1).describe('Smallest number that may come'),
      max_value: z.int().default(100).describe('Largest number that may come'),
    })
    .superRefine(({ min_value, max_value }, context) => {
      if (min_value <= max_value) return;
      const message = `must not be above max_value (${min_value} > ${max_value})`;
      context.addIssue({ code: 'custom', path: ['min_value'], message });
    }),
  result: z.strictObject({ number: z.int() }),
  example: { min_value: 1, max_value: 6 },
});
