const MICROSECONDS = 6;
const SECONDS_PER_DAY = 86_400;

/** `2024-01-02`; years before 0 and after 9999 with a sign and six digits, as `-000043-03-15` for 44 BC. */
export function isoDate(daysSince1970: number): string {
  const { year, month, day } = civil(daysSince1970);
  return `${isoYear(year)}-${two(month)}-${two(day)}`;
}

/** `2024`, or with a sign and six digits, as `-000043` for 44 BC: 1 BC is the year 0. */
export function isoYear(year: number): string {
  const isUsual = year >= 0 && year <= 9999;
  const digits = String(Math.abs(year)).padStart(isUsual ? 4 : 6, '0');
  return `${isUsual ? '' : year < 0 ? '-' : '+'}${digits}`;
}

/** `03:04:05.123456`, of ticks since midnight that are `decimals` digits of a second; zeros at the end are left out. */
export function isoTime(ticks: bigint | number, decimals: number): string {
  const time = Number(ticks);
  const perSecond = 10 ** decimals;
  const seconds = Math.floor(time / perSecond);
  const clock = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return clock + fraction(time % perSecond, decimals);
}

/** `2024-01-02T03:04:05.123456`, of ticks since 1970 that are `decimals` digits of a second. */
export function isoTimestamp(ticks: bigint, decimals: number): string {
  const perDay = SECONDS_PER_DAY * 10 ** decimals;
  const inNumbers = Number(ticks);
  // Several times as fast, and enough for microseconds from the year 1684 to 2255.
  if (Number.isSafeInteger(inNumbers)) {
    const day = Math.floor(inNumbers / perDay);
    return `${isoDate(day)}T${isoTime(inNumbers - day * perDay, decimals)}`;
  }
  const ticksPerDay = BigInt(perDay);
  const timeOfDay = ((ticks % ticksPerDay) + ticksPerDay) % ticksPerDay;
  return `${isoDate(Number((ticks - timeOfDay) / ticksPerDay))}T${isoTime(timeOfDay, decimals)}`;
}

/** `Z`, `+05:30`, or with seconds where there are any. */
export function isoOffset(seconds: number): string {
  if (seconds === 0) return 'Z';
  const size = Math.abs(seconds);
  const parts = [Math.trunc(size / 3600), Math.trunc(size / 60) % 60, size % 60];
  if (parts[2] === 0) parts.pop();
  return (seconds < 0 ? '-' : '+') + parts.map(two).join(':');
}

export interface Duration {
  months: number;
  days: number;
  micros: bigint;
}

/** `P1Y2M-3DT4H5M6.789S`: each part has its own sign, as PostgreSQL writes it; `PT0S` for none. */
export function isoDuration({ months, days, micros }: Duration): string {
  const minutes = micros / 60_000_000n;
  const date = [part(Math.trunc(months / 12), 'Y'), part(months % 12, 'M'), part(days, 'D')].join('');
  const time = [part(minutes / 60n, 'H'), part(minutes % 60n, 'M'), secondsPart(micros % 60_000_000n)].join('');
  if (date + time === '') return 'PT0S';
  return `P${date}${time && `T${time}`}`;
}

function secondsPart(micros: bigint): string {
  if (micros === 0n) return '';
  const size = micros < 0n ? -micros : micros;
  return `${micros < 0n ? '-' : ''}${size / 1_000_000n}${fraction(Number(size % 1_000_000n), MICROSECONDS)}S`;
}

function part(amount: number | bigint, unit: string): string {
  return amount === 0 || amount === 0n ? '' : `${amount}${unit}`;
}

function fraction(ticks: number, decimals: number): string {
  if (ticks === 0) return '';
  return `.${String(ticks).padStart(decimals, '0').replace(/0+$/, '')}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** Not with `Date`, which ends in the year 275760; databases do not. After Howard Hinnant's `civil_from_days`. */
function civil(daysSince1970: number): { year: number; month: number; day: number } {
  const days = daysSince1970 + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}
