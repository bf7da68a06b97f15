import { join } from 'node:path';
import type { Config } from '@taskwire/config';

/** The background log: `taskwire.log`, and rotated files `taskwire.log.1` (the newest), `.2` and so on. */
export const LOG_FILE_NAME = 'taskwire.log';

export function logFile({ directory }: Config['log']): string {
  return join(directory, LOG_FILE_NAME);
}

/** What the background process writes past its log, as when out of memory; the next start moves it there. */
export function errorFile({ directory }: Config['log']): string {
  return join(directory, 'taskwire.err');
}
