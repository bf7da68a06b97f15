import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FolderLock, type InboxFolder, PLAIN_FLAGS } from '@taskwire/inbox/folder';
import { UsageError } from '../command-error.ts';
import type { RunningDaemon } from './describe-daemon.ts';

/**
 * The daemon of this folder; undefined if none runs. Only the lock counts: a pid file may be left by a killed daemon, and
 * its pid may now be another program's.
 */
export function findDaemon(folder: InboxFolder): RunningDaemon | undefined {
  // Asking makes no folder.
  if (!existsSync(folder.daemonLock)) return undefined;
  const lock = takeLock(folder);
  if (!lock) return readPidFile(folder);
  lock[Symbol.dispose]();
  return undefined;
}

/** A check whether a daemon runs holds the lock for about a millisecond, a daemon longer. */
const PATIENCE_MS = 100;

/** A new daemon writes its pid file within this time. */
const STARTING_MS = 1000;

const INTERVAL_MS = 20;

/** The daemon that held the lock the whole time: not just another check, nor a daemon that is starting. */
export async function findSettledDaemon(folder: InboxFolder): Promise<RunningDaemon | undefined> {
  const begin = performance.now();
  for (;;) {
    const daemon = findDaemon(folder);
    if (!daemon) return undefined;
    if (performance.now() - begin > (daemon.pid === null ? STARTING_MS : PATIENCE_MS)) return daemon;
    await delay(INTERVAL_MS);
  }
}

/** The lock of the folder; undefined if another process holds it. @throws UsageError if the file cannot be locked. */
export function takeLock(folder: InboxFolder): FolderLock | undefined {
  try {
    return FolderLock.take(folder.daemonLock);
  } catch (error) {
    const fix = 'see that you may write to it; when no taskwire runs on the folder, the file may be removed';
    throw new UsageError(`${folder.daemonLock} cannot be locked (${(error as Error).message}): ${fix}.`);
  }
}

/** The content of the pid file; nulls if it is missing, no plain file, or holds no taskwire's pid. */
export function readPidFile({ pidFile }: InboxFolder): RunningDaemon {
  const nothing = { pid: null, started_at: null };
  try {
    const file = openSync(pidFile, PLAIN_FLAGS);
    try {
      const stats = fstatSync(file);
      const text = stats.isFile() ? readFileSync(file, 'utf8').trim() : '';
      // A wrong pid could signal a whole process group.
      if (!/^[1-9]\d{0,9}$/.test(text) || !isTaskwire(Number(text))) return nothing;
      return { pid: Number(text), started_at: stats.mtime.toISOString() };
    } finally {
      closeSync(file);
    }
  } catch {
    return nothing;
  }
}

/** Whether a process looks like ours: a forged pid file must not stop another program. */
function isTaskwire(pid: number): boolean {
  if (pid === process.pid) return true;
  const { status, stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  if (status === 0) return /taskwire|daemon\/main\.ts/.test(stdout);
  // The process is gone, or ps is missing or limited.
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
