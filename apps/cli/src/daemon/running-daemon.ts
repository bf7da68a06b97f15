import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FolderLock, type InboxFolder, PLAIN_FLAGS } from '@taskwire/inbox';
import { UsageError } from '../command-error.ts';
import type { RunningDaemon } from './describe-daemon.ts';

/**
 * The daemon of this folder; undefined when none runs. The lock is what counts: a pid file may be of one that was killed, and
 * its pid may be another program's by now.
 */
export function findDaemon(folder: InboxFolder): RunningDaemon | undefined {
  // Whoever only asks makes no folder.
  if (!existsSync(folder.daemonLock)) return undefined;
  const lock = takeLock(folder);
  if (!lock) return readPidFile(folder);
  lock[Symbol.dispose]();
  return undefined;
}

/** Who asks whether a daemon runs has the lock for about a millisecond: a daemon holds it for longer. */
const PATIENCE_MS = 100;

/** One that has just started writes its pid file within this time. */
const STARTING_MS = 1000;

const INTERVAL_MS = 20;

/** The daemon that has had the lock all the time that we looked: no other one that only asks, and none that has just begun. */
export async function findSettledDaemon(folder: InboxFolder): Promise<RunningDaemon | undefined> {
  const begin = performance.now();
  for (;;) {
    const daemon = findDaemon(folder);
    if (!daemon) return undefined;
    if (performance.now() - begin > (daemon.pid === null ? STARTING_MS : PATIENCE_MS)) return daemon;
    await delay(INTERVAL_MS);
  }
}

/**
 * The lock of the folder, or undefined when another process holds it.
 *
 * @throws UsageError when the lock file cannot be one.
 */
export function takeLock(folder: InboxFolder): FolderLock | undefined {
  try {
    return FolderLock.take(folder.daemonLock);
  } catch (error) {
    const fix = 'see that you may write to it; when no taskwire runs on the folder, the file may be removed';
    throw new UsageError(`${folder.daemonLock} cannot be locked (${(error as Error).message}): ${fix}.`);
  }
}

/** What the pid file says; nothing when it is missing, no plain file, or holds no pid of a taskwire. */
export function readPidFile({ pidFile }: InboxFolder): RunningDaemon {
  const nothing = { pid: null, started_at: null };
  try {
    const file = openSync(pidFile, PLAIN_FLAGS);
    try {
      const stats = fstatSync(file);
      const text = stats.isFile() ? readFileSync(file, 'utf8').trim() : '';
      // What is no pid must not become a signal to a whole group of processes.
      if (!/^[1-9]\d{0,9}$/.test(text) || !isTaskwire(Number(text))) return nothing;
      return { pid: Number(text), started_at: stats.mtime.toISOString() };
    } finally {
      closeSync(file);
    }
  } catch {
    return nothing;
  }
}

/** Whether a process looks like ours: what anybody may have written into the file must not have another program stopped. */
function isTaskwire(pid: number): boolean {
  if (pid === process.pid) return true;
  const { status, stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  if (status === 0) return /taskwire|daemon\/main\.ts/.test(stdout);
  // Not there; or there is no ps, or one that knows less.
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
