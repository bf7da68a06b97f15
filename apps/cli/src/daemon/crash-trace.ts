import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import type { Config } from '@taskwire/config';
import { EXIT_CODE } from '../exit-code.ts';
import { asJsonLine, type LogSink, OWN_SOURCE } from '../supervisor/json-lines.ts';
import { errorFile, logFile } from './log-files.ts';

/** On an unexpected error, ends the background process with a line in its log. Its services stop by themselves. */
export function dieIntoLog(config: Config['log']): void {
  // An unhandled rejection becomes one, too.
  process.on('uncaughtException', (error: unknown) => {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    const err = { type: name, message, stack };
    const line = { level: 'fatal', time: Date.now(), service: OWN_SOURCE, err, msg: 'taskwire failed' };
    try {
      // Synchronous: this process ends now.
      appendFileSync(logFile(config), asJsonLine(OWN_SOURCE, JSON.stringify(line)), { mode: 0o600 });
    } catch {
      process.stderr.write(`${stack}\n`);
    }
    process.exit(EXIT_CODE.failed);
  });
}

/** Moves the error file of the last background process into the log. */
export function takeOverErrors(config: Config['log'], log: LogSink): void {
  try {
    const lines = readFileSync(errorFile(config), 'utf8').split('\n').filter(Boolean);
    if (lines.length === 0) return;
    truncateSync(errorFile(config));
    log.say(`left behind by the previous taskwire:\n${lines.join('\n')}`, 'warn');
  } catch {
    // No error file.
  }
}
