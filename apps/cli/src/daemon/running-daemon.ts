import { existsSync, readFileSync, statSync } from 'node:fs';
import { FolderLock, type InboxFolder } from '@taskwire/inbox';
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

function readPidFile({ pidFile }: InboxFolder): RunningDaemon {
  try {
    const text = readFileSync(pidFile, 'utf8').trim();
    // What is no pid must not become a signal to a whole group of processes.
    const pid = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined;
    return { pid, startedAt: statSync(pidFile).mtime.toISOString() };
  } catch {
    return { pid: undefined, startedAt: undefined };
  }
}
