import { join } from 'node:path';
import type { Config } from '@taskwire/config';

/** The log of the background: `taskwire.log`, and what was put aside as `taskwire.log.1` (the newest), `.2` and so on. */
export const LOG_FILE_NAME = 'taskwire.log';

export function logFile({ directory }: Config['log']): string {
  return join(directory, LOG_FILE_NAME);
}

/** What the background process writes past its log, as when it runs out of memory; the next start takes it over. */
export function errorFile({ directory }: Config['log']): string {
  return join(directory, 'taskwire.err');
}
