import { services } from '@taskwire/config';
import { didYouMean } from '@taskwire/protocol';
import { UsageError } from '../command-error.ts';
import { OWN_SOURCE, parsedLine } from '../supervisor/json-lines.ts';

export const SOURCES: readonly string[] = [...services.map(({ name }) => name), OWN_SOURCE];

/**
 * Which lines of the log are asked for: all, or those of one service.
 *
 * @throws UsageError when there is no such service, with those that there are.
 */
export function logSelection(service: string | undefined): (line: string) => boolean {
  if (service === undefined) return (line) => line !== '';
  if (!SOURCES.includes(service)) {
    const advice = didYouMean(service, SOURCES) || `; there are: ${SOURCES.join(', ')}`;
    throw new UsageError(`There is no service "${service}"${advice}`);
  }
  return (line) => sourceOf(line) === service;
}

/** Where a line of the log came from. */
export function sourceOf(line: string): string {
  const service = parsedLine(line)?.service;
  return typeof service === 'string' ? service : OWN_SOURCE;
}
