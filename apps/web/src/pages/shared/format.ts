const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const clockWithSeconds = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const dateAndClock = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Keeps a number and its unit on one line. */
const SPACE = '\u00a0';

export function formatCount(value: number) {
  return whole.format(value);
}

export function formatCounted(value: number, one: string, many: string = `${one}s`) {
  return `${whole.format(value)}${SPACE}${value === 1 ? one : many}`;
}

export function formatBytes(bytes: number) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${fine.format(bytes / 1000 ** power)}${SPACE}${units[power]}`;
}

/** How long something takes, with the two units that matter. */
export function formatDuration(ms: number) {
  // Decided by what is shown: 999.6 ms would be "1,000 ms".
  if (Math.round(ms) < SECOND) return `${whole.format(ms)}${SPACE}ms`;
  if (ms < 10 * SECOND) return `${fine.format(ms / SECOND)}${SPACE}s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds}${SPACE}s`;
  if (seconds < 3600) return twoUnits(seconds, 60, 'min', 's');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return twoUnits(minutes, 60, 'h', 'min');
  return twoUnits(Math.floor(minutes / 60), 24, 'd', 'h');
}

/** @param amount in the small unit */
function twoUnits(amount: number, ratio: number, large: string, small: string) {
  const rest = amount % ratio;
  const head = `${whole.format(Math.floor(amount / ratio))}${SPACE}${large}`;
  return rest === 0 ? head : `${head} ${rest}${SPACE}${small}`;
}

/** How long ago something was, in one unit. */
export function formatAgo(ms: number) {
  if (ms < 1.5 * SECOND) return 'just now';
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)}${SPACE}s ago`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}${SPACE}min ago`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)}${SPACE}h ago`;
  return `${whole.format(Math.floor(ms / DAY))}${SPACE}d ago`;
}

/** @param at ISO 8601 */
export function formatClock(at: string) {
  return clock.format(new Date(at));
}

/** @param at ISO 8601 */
export function formatClockWithSeconds(at: string) {
  return clockWithSeconds.format(new Date(at));
}

/** @param at ISO 8601 */
export function formatMoment(at: string) {
  return dateAndClock.format(new Date(at));
}

/** Cuts a text that is too long, never within a character. */
export function shortened(text: string, length: number) {
  const characters = Array.from(text.slice(0, 2 * length + 2));
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : text;
}
