import { UsageError } from '../command-error.ts';

/**
 * Seconds, as an option takes them, in milliseconds.
 *
 * @throws UsageError when it is no number, or below 0.
 */
export function secondsInMs(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new UsageError(`${option} takes a number of seconds, from 0 up, not "${text}".`);
  }
  return seconds * 1000;
}
