import { loadConfig } from '@taskwire/config';
import { InboxFolder } from '@taskwire/inbox';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { longestStopMs } from '../supervisor/stop-times.ts';
import { describeDaemon, type RunningDaemon } from './describe-daemon.ts';
import { findSettledDaemon } from './running-daemon.ts';
import { untilStopped } from './until-stopped.ts';

const MARGIN_MS = 5000;

/**
 * Asks the daemon of the folder to stop, and waits until it has, saying what it waits for.
 *
 * @param timeoutMs how long to wait. Default: as long as the daemon itself gives its tasks and services, and 5 s.
 * @returns the exit code: 0 also when none runs, 1 when it still runs in the end.
 * @throws UsageError when it is not known which process it is.
 */
export async function stopDaemon(timeoutMs: number | undefined): Promise<number> {
  const config = loadConfig();
  const folder = new InboxFolder(config.inbox);
  const daemon = await findSettledDaemon(folder);
  if (!daemon) {
    print('taskwire is not running; there is nothing to stop.');
    return EXIT_CODE.ok;
  }
  const pid = pidOf(daemon, folder);
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw new UsageError(`taskwire (${describeDaemon(daemon)}) cannot be told to stop: ${(error as Error).message}`);
    }
  }
  print(`taskwire (${describeDaemon(daemon)}) is told to stop`);
  return await untilStopped(folder, pid, config, timeoutMs ?? longestStopMs(config) + MARGIN_MS);
}

function pidOf({ pid }: RunningDaemon, { daemonLock, pidFile }: InboxFolder): number {
  if (pid !== null) return pid;
  throw new UsageError(
    `A taskwire holds ${daemonLock}, but ${pidFile}, which would say which process it is, is gone or holds no pid. ` +
      'It is written again within a minute. ' +
      `Or find the process with \`lsof ${daemonLock}\` (or \`fuser\`), then \`kill <pid>\`: it stops in order.`,
  );
}
