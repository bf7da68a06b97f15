import { UsageError } from './command-error.ts';

export interface SecondsRange {
  /** Default: 0. */
  leastMs?: number;
  /** Default: any. */
  mostMs?: number;
}

/**
 * Reads an option's seconds as whole milliseconds, rounded up.
 *
 * @param text digits, perhaps with a decimal point.
 * @throws UsageError if it is no such number, or out of range.
 */
export function secondsInMs(
  option: string,
  text: string | undefined,
  { leastMs = 0, mostMs = Number.POSITIVE_INFINITY }: SecondsRange = {},
): number | undefined {
  if (text === undefined) return undefined;
  const ms = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Math.ceil(Number(text) * 1000) : Number.NaN;
  if (Number.isFinite(ms) && ms >= leastMs && ms <= mostMs) return ms;
  const range = `from ${leastMs / 1000}${mostMs === Number.POSITIVE_INFINITY ? ' up' : ` to ${mostMs / 1000}`}`;
  throw new UsageError(`${option} takes a number of seconds, ${range}, not "${text}".`);
}
