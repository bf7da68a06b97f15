import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { type FolderLock, type InboxFolder, writeWhole } from '@taskwire/inbox/folder';
import type { RunningDaemon } from './describe-daemon.ts';
import { findSettledDaemon, readPidFile, takeLock } from './running-daemon.ts';

export type Claim = { status: 'claimed'; claim: FolderClaim } | { status: 'running'; daemon: RunningDaemon };

/** How often to check whether somebody has removed the lock. */
const LOOK_INTERVAL_MS = 1000;

const RENEWAL_INTERVAL_MS = 60_000;

/** This process is the daemon of a folder: it holds the lock, and its pid is in the pid file. */
export class FolderClaim implements Disposable {
  readonly #folder: InboxFolder;
  #lock: FolderLock;
  readonly #startedAt = new Date();
  readonly #looking = setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
  #renewedAt = performance.now();
  readonly #lost = Promise.withResolvers<string>();
  /** Resolves with the reason when the folder has another daemon, or can have none. */
  readonly lost = this.#lost.promise;

  private constructor(folder: InboxFolder, lock: FolderLock) {
    this.#folder = folder;
    this.#lock = lock;
  }

  /**
   * Makes the folder, and makes this process its daemon unless it has one.
   *
   * @throws ConfigError when the folder cannot be trusted or made; UsageError when it cannot be locked.
   */
  static async make(folder: InboxFolder): Promise<Claim> {
    folder.prepare();
    for (;;) {
      const lock = takeLock(folder);
      if (lock) return { status: 'claimed', claim: await FolderClaim.#begin(folder, lock) };
      const daemon = await findSettledDaemon(folder);
      if (daemon) return { status: 'running', daemon };
    }
  }

  static async #begin(folder: InboxFolder, lock: FolderLock): Promise<FolderClaim> {
    try {
      // First: while we hold the lock, an old pid would be taken for ours.
      for (const file of [folder.pidFile, folder.goingOnFile]) rmSync(file, { force: true });
      await writeWhole(folder.pidFile, `${process.pid}\n`, { mode: folder.fileMode });
      return new FolderClaim(folder, lock);
    } catch (error) {
      lock[Symbol.dispose]();
      throw error;
    }
  }

  /** Leaves a sentence for `taskwire stop`, until the next start. */
  leave(goingOn: string): void {
    try {
      writeFileSync(this.#folder.goingOnFile, goingOn, { mode: this.#folder.fileMode });
    } catch {
      // It is in the log, too.
    }
  }

  /** Removes the pid file, then releases the lock. */
  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    try {
      if (readFileSync(this.#folder.pidFile, 'utf8').trim() === String(process.pid)) rmSync(this.#folder.pidFile);
    } catch {
      // Somebody has removed it.
    }
    this.#lock[Symbol.dispose]();
  }

  #look(): void {
    if (!this.#lock.isThere) this.#claimAgain();
    else if (performance.now() - this.#renewedAt >= RENEWAL_INTERVAL_MS) this.#renew();
  }

  /** Somebody has removed the lock, or the whole folder: without it a second daemon could start. */
  #claimAgain(): void {
    try {
      this.#folder.prepare();
      const lock = takeLock(this.#folder);
      // A status check holds it for a moment; a daemon still holds it at the next check.
      if (!lock) {
        if (readPidFile(this.#folder).pid !== null) this.#lose('another taskwire runs on the folder now');
        return;
      }
      this.#lock[Symbol.dispose]();
      this.#lock = lock;
      this.#renew();
    } catch (error) {
      this.#lose((error as Error).message);
    }
  }

  #lose(reason: string): void {
    clearInterval(this.#looking);
    this.#lost.resolve(reason);
  }

  /** Untouched files are removed from /tmp after some days; a lock without its file would be free to take. */
  #renew(): void {
    this.#renewedAt = performance.now();
    const { pidFile, daemonLock, fileMode } = this.#folder;
    try {
      utimesSync(daemonLock, new Date(), this.#startedAt);
      if (!existsSync(pidFile)) writeFileSync(pidFile, `${process.pid}\n`, { mode: fileMode });
      utimesSync(pidFile, new Date(), this.#startedAt);
    } catch {
      // The disk may be full or the folder gone: no reason to end.
    }
  }
}
