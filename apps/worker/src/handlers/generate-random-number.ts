import { randomInt } from 'node:crypto';
import type { HandlerOf, lightTasks } from '@taskwire/tasks';

type GenerateRandomNumber = Extract<(typeof lightTasks)[number], { type: 'generate_random_number' }>;

export const generateRandomNumber: HandlerOf<GenerateRandomNumber> = ({ parameters: { min_value, max_value } }) => {
  // Drawn from 0 up: randomInt takes safe integers only, and max_value + 1 may be none.
  return { number: min_value + randomInt(0, max_value - min_value + 1) };
};
