import { loadConfig } from '@taskwire/config';
import { InboxFolder } from '@taskwire/inbox/folder';
import { exitCodeOf } from '../command-error.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { stopSignal } from '../stop-signal.ts';
import { asJsonLine, logSinkTo } from '../supervisor/json-lines.ts';
import { dieIntoLog, takeOverErrors } from './crash-trace.ts';
import { note, report } from './daemon-report.ts';
import type { RunningDaemon } from './describe-daemon.ts';
import { FolderClaim } from './folder-claim.ts';
import { RotatingLog } from './rotating-log.ts';
import { runStack } from './run-stack.ts';
import { StartupNotes } from './startup-notes.ts';

/** The process behind `taskwire start --detach`. Resolves with its exit code when everything has stopped. */
export async function runInBackground(): Promise<number> {
  const stopped = stopSignal({ withTerminal: false });
  const notes = new StartupNotes(note);
  try {
    const other = await run(stopped, notes);
    if (other) await report({ status: 'running', daemon: other });
    return EXIT_CODE.ok;
  } catch (error) {
    const exitCode = exitCodeOf(error) ?? EXIT_CODE.failed;
    await report({ status: 'failed', message: (error as Error).message, exitCode });
    return exitCode;
  }
}

/** Returns the daemon that already has the folder, if any. */
async function run(stopped: Promise<void>, notes: StartupNotes): Promise<RunningDaemon | undefined> {
  const config = loadConfig();
  const made = await FolderClaim.make(new InboxFolder(config.inbox));
  if (made.status === 'running') return made.daemon;
  using claim = made.claim;
  await using file = new RotatingLog(config.log);
  dieIntoLog(config.log);
  const log = logSinkTo(notes.through((source, line) => file.write(asJsonLine(source, line))));
  takeOverErrors(config.log, log);
  try {
    await runStack({
      config,
      log,
      claim,
      stopped,
      onReady: (lines) => {
        notes.end();
        void report({ status: 'ready', lines });
      },
    });
  } catch (error) {
    // The starting command gets the error itself.
    notes.end();
    log.say((error as Error).stack ?? String(error), 'error');
    throw error;
  }
  return undefined;
}
