const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** What a time may look like, for a person. */
export const TIME_FORMS = '2h, 7d, today, yesterday, 2026-11-30 or 2026-11-30T14:00:00Z';

/**
 * A point in time, in ms since 1970; undefined if it is none. `2h` is two hours ago; days begin at midnight in the time zone of this process,
 * and so does a time without a zone.
 */
export function pointInTime(text: string, now: Date): number | undefined {
  const [, amount, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (unit) return now.getTime() - Number(amount) * (UNITS_MS[unit] as number);
  const daysAgo = ['today', 'yesterday'].indexOf(text);
  if (daysAgo !== -1) return new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime();
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/.test(text)) return undefined;
  const ms = Date.parse(text.includes('T') ? text : `${text}T00:00`);
  return Number.isNaN(ms) || !isDay(text.slice(0, 10)) ? undefined : ms;
}

/** JavaScript takes February 30 for March 2. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
