import { loadConfig } from '@taskwire/config';
import { InboxFolder } from '@taskwire/inbox';
import { exitCodeOf } from '../command-error.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { asJsonLine, logSinkTo } from '../supervisor/json-lines.ts';
import { dieIntoLog, takeOverErrors } from './crash-trace.ts';
import { type DaemonReport, report } from './daemon-report.ts';
import { FolderClaim } from './folder-claim.ts';
import { readyLines } from './ready-lines.ts';
import { RotatingLog } from './rotating-log.ts';
import { runStack } from './run-stack.ts';
import { StartupNotes } from './startup-notes.ts';

/** The process behind `taskwire start --detach`. Resolves with its exit code when all has stopped. */
export async function runInBackground(): Promise<number> {
  const stopped = askedToStop();
  const notes = new StartupNotes();
  const failed = (error: unknown): Extract<DaemonReport, { status: 'failed' }> => {
    const exitCode = exitCodeOf(error);
    const { message } = error as Error;
    return { status: 'failed', message, exitCode: exitCode ?? EXIT_CODE.failed, notes: notes.all };
  };
  const outcome = await run(stopped, notes).catch(failed);
  if (outcome === undefined) return EXIT_CODE.ok;
  await report(outcome);
  return outcome.status === 'failed' ? outcome.exitCode : EXIT_CODE.ok;
}

/** Gives what is to be reported at the end, if anything is. */
async function run(stopped: Promise<void>, notes: StartupNotes): Promise<DaemonReport | undefined> {
  const config = loadConfig();
  const made = await FolderClaim.make(new InboxFolder(config.inbox));
  if (made.status === 'running') return made;
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
      onReady: (started) => {
        const lines = readyLines(config, started);
        for (const line of lines) log.say(line);
        notes.end();
        void report({ status: 'ready', lines, notes: notes.all });
      },
    });
  } catch (error) {
    // Whoever started it is told by other means.
    notes.end();
    log.say((error as Error).stack ?? String(error), 'error');
    throw error;
  }
  return undefined;
}

/** Not by SIGHUP: the terminal may be closed. Asked again, it goes on stopping in order. */
function askedToStop(): Promise<void> {
  process.on('SIGHUP', () => undefined);
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
  });
}
