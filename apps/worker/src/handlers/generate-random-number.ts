import { randomInt } from 'node:crypto';
import type { HandlerOf, lightTasks } from '@taskwire/tasks';

type GenerateRandomNumber = Extract<(typeof lightTasks)[number], { type: 'generate_random_number' }>;

export const generateRandomNumber: HandlerOf<GenerateRandomNumber> = ({ parameters: { min_value, max_value } }) => {
  // Drawn from 0 up: randomInt takes only safe integers, and max_value + 1 may not be one.
  return { number: min_value + randomInt(0, max_value - min_value + 1) };
};
