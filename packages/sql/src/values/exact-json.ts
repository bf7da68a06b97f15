import type { JsonValue } from '@taskwire/protocol';

/** The reviver of `JSON.parse`, which TypeScript's library does not fully know yet. */
type Reviver = (this: unknown, key: string, value: JsonValue, context?: { source?: string }) => JsonValue;

/**
 * Parses JSON that may hold numbers of any size: those that a double cannot hold become strings of their digits.
 *
 * Of a key that comes twice in an object the last value counts. Text that is not JSON is returned unchanged.
 */
export function exactJson(text: string): JsonValue {
  const revive: Reviver = (_key, value, context) => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    return isSameNumber(context.source, String(value)) ? value : context.source;
  };
  try {
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  } catch {
    return text;
  }
}

function isSameNumber(left: string, right: string): boolean {
  return left === right || normalForm(left) === normalForm(right);
}

/** `1.50`, `15e-1` and `1.5` alike: the digits without zeros around them, and where the point is. */
function normalForm(number: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
