import { z } from 'zod';
import { isRawNumber, type RawNumber } from './parse-message.ts';

export type UserId = string | number | RawNumber | null;

export const userIdSchema = z
  .unknown()
  .refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), {
    error: 'has more digits than a number of JavaScript holds; pass a bigint',
    abort: true,
  })
  .refine(isUserId, 'must be a string, a number or null')
  .meta({
    type: ['string', 'number', 'null'],
    description: 'As requested, a number digit for digit: it may have more digits than a double holds',
  })
  .pipe(z.custom<UserId>());

/** One that any program can take: of a number that JavaScript cannot hold, the digits. */
export function plainUserId(userId: UserId): string | number | null {
  return isRawNumber(userId) ? userId.rawJSON : userId;
}

function isUserId(value: unknown): value is UserId {
  return typeof value === 'string' || Number.isFinite(value) || value === null || isRawNumber(value);
}
