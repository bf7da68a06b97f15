import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type Config, loadConfig } from '@taskwire/config';
import { InboxFolder } from '@taskwire/inbox/folder';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE } from '../exit-code.ts';
import { print } from '../output/print.ts';
import { visible } from '../output/terminal-text.ts';
import { longestStopMs } from '../supervisor/stop-times.ts';
import { describeDaemon, type RunningDaemon } from './describe-daemon.ts';
import { findDaemon, findSettledDaemon } from './running-daemon.ts';

const MARGIN_MS = 5000;

const LOOK_INTERVAL_MS = 50;

const ENDING_MS = 1000;
const ENDING_INTERVAL_MS = 5;

/** Without running tasks it has stopped by then: no message needed. */
const TELL_AFTER_MS = 400;

const TELL_INTERVAL_MS = 1000;

/**
 * Asks the folder's daemon to stop, waits until it has, and says what it waits for, and what goes on in an engine.
 *
 * @param timeoutMs how long to wait. Default: as long as the daemon itself gives its tasks and services, and 5 s.
 * @param cancel whether to cancel first what would go on.
 * @returns the exit code: 0 also if none runs; 1 if it still runs in the end; 4 if something was to be cancelled and may go on.
 * @throws UsageError if its process is not known.
 */
export async function stopDaemon(timeoutMs: number | undefined, cancel = false): Promise<number> {
  const config = loadConfig();
  const folder = new InboxFolder(config.inbox);
  const daemon = await findSettledDaemon(folder);
  if (!daemon) {
    print('taskwire is not running; there is nothing to stop.');
    return sayWhatGoesOn(folder) && cancel ? EXIT_CODE.noResult : EXIT_CODE.ok;
  }
  const pid = pidOf(daemon, folder);
  const haveEnded = !cancel || (await (await import('./end-queries.ts')).endQueries(config));
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw new UsageError(`taskwire (${describeDaemon(daemon)}) cannot be told to stop: ${(error as Error).message}`);
    }
  }
  print(`taskwire (${describeDaemon(daemon)}) is told to stop`);
  const exitCode = await untilStopped(folder, pid, config, timeoutMs ?? longestStopMs(config) + MARGIN_MS);
  if (exitCode === EXIT_CODE.ok) sayWhatGoesOn(folder);
  return haveEnded ? exitCode : EXIT_CODE.noResult;
}

/** What the daemon has left in its folder. @returns whether it has */
function sayWhatGoesOn({ goingOnFile }: InboxFolder): boolean {
  try {
    print(visible(readFileSync(goingOnFile, 'utf8')));
    return true;
  } catch {
    return false;
  }
}

function pidOf({ pid }: RunningDaemon, { daemonLock, pidFile }: InboxFolder): number {
  if (pid !== null) return pid;
  throw new UsageError(
    `A taskwire holds ${daemonLock}, but ${pidFile}, which would say which process it is, is gone or holds no pid. ` +
      'It is written again within a minute. ' +
      `Or find the process with \`lsof ${daemonLock}\` (or \`fuser\`), then \`kill <pid>\`: it stops in order.`,
  );
}

/**
 * Waits until the lock of the folder is free, and says what it waits for.
 *
 * @param pid the process that was told to stop.
 * @returns the exit code: 1 if it takes too long.
 */
async function untilStopped(folder: InboxFolder, pid: number, config: Config, limitMs: number): Promise<number> {
  const begin = performance.now();
  let tellAt = begin + TELL_AFTER_MS;
  // Loaded only if there is something to wait for, which is rare.
  const rest = async () => (await import('./still-running.ts')).stillRunning(config);
  // Another daemon may have started since.
  for (let found = findDaemon(folder); found && (found.pid ?? pid) === pid; found = findDaemon(folder)) {
    const now = performance.now();
    if (now - begin > limitMs) {
      const what = `taskwire has not stopped within ${limitMs / 1000} s; it waits for ${await rest()}.`;
      const ways = 'It goes on stopping, and taskwire stop waits again.';
      process.stderr.write(`${what}\n${ways} kill -9 ${pid} ends it at once; its running tasks run again later.\n`);
      return EXIT_CODE.failed;
    }
    if (now > tellAt) {
      tellAt = now + TELL_INTERVAL_MS;
      print(`waiting for ${await rest()}`);
    }
    await delay(LOOK_INTERVAL_MS);
  }
  await untilEnded(pid);
  print('stopped');
  return EXIT_CODE.ok;
}

/** A process that released the lock ends within milliseconds; by now the pid may be another program's. */
async function untilEnded(pid: number): Promise<void> {
  for (const end = performance.now() + ENDING_MS; performance.now() < end; await delay(ENDING_INTERVAL_MS)) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
  }
}
