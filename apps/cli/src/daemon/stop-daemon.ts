import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import { InboxFolder } from '@taskwire/inbox';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { longestStopMs } from '../supervisor/stop-times.ts';
import { describeDaemon, type RunningDaemon } from './describe-daemon.ts';
import { findDaemon } from './running-daemon.ts';
import { untilStopped } from './until-stopped.ts';

export interface StopOptions {
  config: Config;
  /** How long to wait. Default: as long as the daemon itself gives its tasks and services, and 5 s. */
  timeoutMs?: number | undefined;
}

const MARGIN_MS = 5000;

/** Whoever only asks whether a daemon runs has the lock for about a millisecond: it cannot be met so often. */
const LOOKS = 4;
const BETWEEN_LOOKS_MS = 15;

/** One that has just started writes its pid file within this time. */
const STARTING_MS = 1000;

/**
 * Asks the daemon of the folder to stop, and waits until it has, saying what it waits for.
 *
 * @returns the exit code: 0 also when none runs, 1 when it still runs in the end.
 * @throws UsageError when it is not known which process it is.
 */
export async function stopDaemon({ config, timeoutMs }: StopOptions): Promise<number> {
  const folder = new InboxFolder(config.inbox);
  const daemon = await runningDaemon(folder);
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
  return await untilStopped({ folder, pid, config, limitMs: timeoutMs ?? longestStopMs(config) + MARGIN_MS });
}

/** The daemon whose pid may be signalled: it has held the lock all the time that we looked. */
async function runningDaemon(folder: InboxFolder): Promise<RunningDaemon | undefined> {
  let daemon = findDaemon(folder);
  if (daemon && daemon.pid === undefined) await delay(STARTING_MS);
  for (let look = 1; daemon && look < LOOKS; look += 1) {
    await delay(BETWEEN_LOOKS_MS);
    daemon = findDaemon(folder);
  }
  return daemon;
}

function pidOf({ pid }: RunningDaemon, { daemonLock, pidFile }: InboxFolder): number {
  if (pid !== undefined) return pid;
  throw new UsageError(
    `A taskwire holds ${daemonLock}, but ${pidFile}, which would say which process it is, is gone or holds no pid. ` +
      'It is written again within a minute. ' +
      `Or find the process with \`lsof ${daemonLock}\` (or \`fuser\`), then \`kill <pid>\`: it stops in order.`,
  );
}
