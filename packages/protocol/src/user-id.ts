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
 * Parses the JSON of a message, or of a list of them. A `user_id` keeps the digits that it has there: integers of any size, and
 * fractions.
 *
 * @throws SyntaxError
 */
export function parseMessage(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  const messages = messagesIn(parsed);
  if (!messages.some(hasInexactUser)) return parsed;
  const digits = digitsOfUserIds(text);
  for (const [index, message] of messages.entries()) {
    if (!hasInexactUser(message)) continue;
    const { user_id: number } = message;
    const exact = digits[index] as string;
    if (Number.isInteger(number) || String(number) !== exact) Object.assign(message, { user_id: rawNumber(exact) });
  }
  return parsed;
}

function messagesIn(parsed: unknown): unknown[] {
  return Array.isArray(parsed) ? parsed : [parsed];
}

function hasInexactUser(message: unknown): message is { user_id: number } {
  return isJsonObject(message) && typeof message.user_id === 'number' && !Number.isSafeInteger(message.user_id);
}

/** The `user_id` of each message itself, not of an object in it. */
function digitsOfUserIds(text: string): (string | undefined)[] {
  const digits = new Map<unknown, string>();
  const revive: Reviver = function (key, value, { source }) {
    if (key === 'user_id' && source !== undefined) digits.set(this, source);
    return value;
  };
  const parsed: unknown = JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  return messagesIn(parsed).map((message) => digits.get(message));
}
