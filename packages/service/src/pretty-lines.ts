import { createRequire } from 'node:module';
import type pretty from 'pino-pretty';

const OPTIONS = { colorize: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname,service' } as const;

/** Loaded for a terminal only: its thirty files would slow each start. */
function load(): typeof pretty {
  return createRequire(import.meta.url)('pino-pretty');
}

/** Standard output with lines for people. */
export function prettyOutput(): ReturnType<typeof pretty> {
  return load()({ ...OPTIONS, sync: true });
}

/** Turns JSON log lines of a service into lines for people. */
export function createPrettifier(): (line: string) => string {
  return load().prettyFactory({ ...OPTIONS, singleLine: true });
}
