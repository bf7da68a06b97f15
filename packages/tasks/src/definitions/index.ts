import { generateRandomNumber } from './generate-random-number.ts';
import { reverseString } from './reverse-string.ts';
import { sqlQuery } from './sql-query.ts';

/** The tasks that come with taskwire, by the app that has their handlers. */
export const lightTasks = [generateRandomNumber, reverseString] as const;
export const sqlTasks = [sqlQuery] as const;
