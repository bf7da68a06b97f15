/** `1,204`. */
export function countInWords(count: number): string {
  return count.toLocaleString('en-US');
}

/** `1 task`, `1,204 tasks`. */
export function countedInWords(count: number, noun: string, plural = `${noun}s`): string {
  return `${countInWords(count)} ${count === 1 ? noun : plural}`;
}

const UNITS = [
  ['day', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** `3 ms`, `2.5 s`, `4 min`, `3 h`, `2 days`: as exact as a glance needs. */
export function durationInWords(ms: number): string {
  const [unit, size] = UNITS.find(([, unitMs]) => ms >= unitMs) ?? ['ms', 1];
  const amount = ms / size;
  const rounded = amount < 10 && unit === 's' ? Math.round(amount * 10) / 10 : Math.floor(amount);
  return `${rounded} ${unit}${unit === 'day' && rounded > 1 ? 's' : ''}`;
}
