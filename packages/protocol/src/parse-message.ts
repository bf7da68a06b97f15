import { isJsonObject } from './json.ts';

/** A number of which JavaScript's own numbers would lose digits. `JSON.stringify` writes it as it came. */
export interface RawNumber {
  /** Its digits, as in the JSON. */
  readonly rawJSON: string;
}

/** What TypeScript's library does not know yet. */
const Json = JSON as typeof JSON & {
  rawJSON: (digits: string) => RawNumber;
  isRawJSON: (value: unknown) => value is RawNumber;
};

type Reviver = (this: object, key: string, value: unknown, context: { source?: string }) => unknown;

export const { rawJSON: rawNumber, isRawJSON: isRawNumber } = Json;

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
