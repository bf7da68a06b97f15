import { getRandomValues } from 'node:crypto';
import type { HandlerOf, lightTasks } from '@taskwire/tasks';

type GenerateRandomNumber = Extract<(typeof lightTasks)[number], { type: 'generate_random_number' }>;

const RANDOM_NUMBERS = 2n ** 64n;

export const generateRandomNumber: HandlerOf<GenerateRandomNumber> = ({ parameters: { min_value, max_value } }) => {
  return { number: drawFrom(min_value, max_value, random64) };
};

/** Draws an integer uniformly. @param random one of 2^64 numbers from 0 up, each as likely as the others. */
export function drawFrom(min: number, max: number, random: () => bigint): number {
  const count = BigInt(max) - BigInt(min) + 1n;
  // The rest of a division would prefer small numbers.
  const limit = RANDOM_NUMBERS - (RANDOM_NUMBERS % count);
  let drawn = random();
  while (drawn >= limit) drawn = random();
  return Number(BigInt(min) + (drawn % count));
}

function random64(): bigint {
  return getRandomValues(new BigUint64Array(1))[0] as bigint;
}
