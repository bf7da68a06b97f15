import type { HandlersOf, lightTasks } from '@taskwire/tasks';
import { generateRandomNumber } from './generate-random-number.ts';
import { reverseString } from './reverse-string.ts';

export const handlers: HandlersOf<typeof lightTasks> = {
  generate_random_number: generateRandomNumber,
  reverse_string: reverseString,
};
