import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { type Config, ConfigError } from '@taskwire/config';

/** Bits of a mode: write access for the group and for others. */
const OTHERS_WRITE = 0o022;

/**
 * The folder of the query daemon. It has the names of the daemon that taskwire replaces, so that programs which use them
 * need no change.
 */
export class InboxFolder {
  /** Absolute. */
  readonly path: string;
  /** Where programs put requests: `<anything>.json`. */
  readonly requests: string;
  /** Where requests go that cannot become tasks; their result files say why. */
  readonly rejected: string;
  /** Requests that are under way and have no result file yet: `<name>.<12 hex digits>.json`. */
  readonly accepted: string;
  /** `<name>.json` for the latest run of each name that has ended; see `runNameOf`. */
  readonly results: string;
  /** `<name>.json`, a small one, beside each result. */
  readonly notifications: string;
  readonly statusFile: string;
  /** The process id of `taskwire start`, in digits. */
  readonly pidFile: string;
  /** Which queries went on in their engines when `taskwire start` stopped: a sentence. */
  readonly goingOnFile: string;
  /** Held by `taskwire start`. */
  readonly daemonLock: string;
  /** Held by the processor that takes the requests. */
  readonly intakeLock: string;
  /** The mode of files written here, before the umask: for the owner only, unless the folder is shared. */
  readonly fileMode: number;
  readonly #shared: boolean;

  constructor({ directory, shared }: Pick<Config['inbox'], 'directory' | 'shared'>) {
    this.path = directory;
    this.requests = join(directory, 'requests');
    this.rejected = join(this.requests, 'rejected');
    this.accepted = join(directory, 'accepted');
    this.results = join(directory, 'results');
    this.notifications = join(directory, 'notifications');
    this.statusFile = join(directory, 'status.json');
    this.pidFile = join(directory, 'daemon.pid');
    this.goingOnFile = join(directory, 'daemon.goes-on');
    this.daemonLock = join(directory, 'daemon.lock');
    this.intakeLock = join(directory, 'intake.lock');
    this.fileMode = shared ? 0o666 : 0o600;
    this.#shared = shared;
  }

  /**
   * Makes what is missing, for its owner only (if shared, as the umask says), and checks whether what is there can be
   * trusted: folders, not links, ours, and not writable by others.
   *
   * @param paths only these, such as removed ones; by default all.
   * @throws ConfigError that names the folder and the fix.
   */
  prepare(paths?: readonly string[]): void {
    const { path, requests, rejected, accepted, results, notifications } = this;
    const found = new Map<string, Stats>();
    for (const each of paths ?? [path, requests, rejected, accepted, results, notifications]) {
      found.set(each, this.#prepare(each));
    }
    const open = [...found].flatMap(([each, { mode }]) => ((mode & OTHERS_WRITE) === 0 ? [] : [each]));
    if (open.length > 0 && this.#isPrivate) {
      const folders = open.length === 1 ? open[0] : `${open[0]} and ${open.length - 1} of the folders in it`;
      throw refused(`${folders} can be written to by others`, `run chmod -R go-w ${quoted(path)}, or set inbox.shared`);
    }
    if (paths) return;
    // Requests are moved, which is one step only within one file system.
    for (const each of [rejected, accepted]) {
      if (found.get(each)?.dev === found.get(requests)?.dev) continue;
      throw refused(
        `${each} is on another file system than ${requests}`,
        'put the whole folder on one: mount the folder itself, none of those in it',
      );
    }
  }

  get #isPrivate(): boolean {
    return !this.#shared && process.getuid !== undefined;
  }

  #prepare(path: string): Stats {
    const stats = this.#find(path);
    if (stats.isSymbolicLink()) throw refused(`${path} is a link`, 'name the folder itself, or remove the link');
    if (!stats.isDirectory()) throw refused(`${path} is not a folder`, 'remove it, or name another folder');
    if (this.#isPrivate && stats.uid !== process.getuid?.()) {
      throw refused(`${path} belongs to another user (${stats.uid})`, 'name another folder, or set inbox.shared');
    }
    return stats;
  }

  /** Looks first: it is nearly always there. */
  #find(path: string): Stats {
    try {
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats) return stats;
      mkdirSync(path, { recursive: path === this.path, mode: this.#shared ? 0o777 : 0o700 });
    } catch (error) {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw refused(`${path} cannot be made: ${(error as Error).message}`, 'name a folder that can be written to');
      }
    }
    return lstatSync(path);
  }
}

/** For a shell. */
function quoted(path: string): string {
  return /^[\w./@%+:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function refused(message: string, fix: string): ConfigError {
  return new ConfigError('the inbox', [{ path: 'inbox.directory', message, fix }]);
}
