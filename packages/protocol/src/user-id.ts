import { z } from 'zod';
import { isJsonObject } from './json.ts';

/** A number of which JavaScript's own numbers would lose digits. `JSON.stringify` writes it as it came. */
export interface RawNumber {
  /** Its digits, as in the JSON. */
  readonly rawJSON: string;
}

export type UserId = string | number | RawNumber | null;

/** What TypeScript's library does not know yet. */
const Json = JSON as typeof JSON & {
  rawJSON: (digits: string) => RawNumber;
  isRawJSON: (value: unknown) => value is RawNumber;
};

type Reviver = (this: object, key: string, value: unknown, context: { source?: string }) => unknown;

export const { rawJSON: rawNumber, isRawJSON: isRawNumber } = Json;

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

/**
 * Parses the JSON of a message. A `user_id` keeps the digits that it has there: integers of any size, and fractions.
 *
 * @throws SyntaxError
 */
export function parseMessage(text: string): unknown {
  const message: unknown = JSON.parse(text);
  if (!isJsonObject(message) || typeof message.user_id !== 'number') return message;
  const { user_id: number } = message;
  if (Number.isSafeInteger(number)) return message;
  const digits = digitsOfUserId(text);
  const isExact = !Number.isInteger(number) && String(number) === digits;
  return isExact ? message : Object.assign(message, { user_id: rawNumber(digits) });
}

/** The `user_id` of the message itself, not of an object in it. */
function digitsOfUserId(text: string): string {
  const digits = new Map<object, string>();
  const revive: Reviver = function (key, value, { source }) {
    if (key === 'user_id' && source !== undefined) digits.set(this, source);
    return value;
  };
  return digits.get(JSON.parse(text, revive as (key: string, value: unknown) => unknown)) as string;
}
