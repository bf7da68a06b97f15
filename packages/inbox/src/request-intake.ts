import type { BigIntStats } from 'node:fs';
import { link, lstat, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { givenName, runNameOf } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import { FaultLog } from './fault-log.ts';
import { HalfWritten } from './half-written.ts';
import type { InboxFolder } from './inbox-folder.ts';
import { readRequest } from './request-file.ts';
import { RequestFinder } from './request-finder.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';
import { Slots } from './slots.ts';

export interface RequestIntakeOptions {
  folder: InboxFolder;
  /** Of a larger file only the beginning is read. */
  maxBytes: number;
  runs: Runs;
  logger: Logger;
  /** How long a file that is not JSON may stay unchanged before it is taken as it is. Default: 5000. */
  halfWrittenMs?: number | undefined;
  /** Between two scans for files without an event. Default: 2000. */
  scanIntervalMs?: number | undefined;
}

/** Files that are on their way to their queues at a time. */
const CONCURRENCY = 64;

/**
 * Takes the files of `requests`: each is a run, and begins when none of its name is under way. With the file's move to
 * `accepted` the run has begun: from then on it gets its result file, whatever happens.
 */
export class RequestIntake implements AsyncDisposable {
  readonly #options: RequestIntakeOptions;
  readonly #finder: RequestFinder;
  readonly #halfWritten: HalfWritten;
  readonly #slots = new Slots(CONCURRENCY);
  readonly #moves = new Slots(CONCURRENCY);
  readonly #faults: FaultLog;
  /** The files being looked at, or about to be; true: something was heard of it meanwhile. */
  readonly #looks = new Map<string, boolean>();
  /** The files that wait for a run of their name to end: name of the run → names of files, each with when it came. */
  readonly #behind = new Map<string, Map<string, bigint>>();
  #stopped = false;

  constructor(options: RequestIntakeOptions) {
    this.#options = options;
    const { folder, logger, halfWrittenMs = 5000, scanIntervalMs = 2000 } = options;
    this.#halfWritten = new HalfWritten({ waitMs: halfWrittenMs, look: (name) => this.#look(name) });
    this.#finder = new RequestFinder({
      path: folder.requests,
      scanIntervalMs,
      logger,
      onFile: (name) => this.#look(name),
      onScan: (names) => this.#lookAtAll(names),
    });
    this.#faults = new FaultLog({
      logger,
      broken: 'a file of the inbox cannot be taken; trying again',
      mended: 'the files of the inbox can be taken again',
    });
  }

  /** Resolves when it watches for files; those that are there already are taken from then on. */
  async start(): Promise<void> {
    await this.#finder.start();
  }

  /** A run of this name has ended: the file that came first may begin. */
  ended(runName: string): void {
    const files = [...(this.#behind.get(runName) ?? [])];
    if (files.length > 0) this.#look(files.reduce((first, file) => (file[1] < first[1] ? file : first))[0]);
  }

  /** Takes nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#finder.stop();
    this.#halfWritten[Symbol.dispose]();
  }

  /** Resolves when no file is moved any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    await this.#finder[Symbol.asyncDispose]();
    await this.#moves.close();
    // A file that was just read may be waiting.
    this.#halfWritten[Symbol.dispose]();
  }

  #lookAtAll(names: readonly string[]): void {
    const waiting = new Set<string>();
    for (const [runName, files] of this.#behind) {
      // One that was removed does not begin a run, after which the next would be looked at.
      if (!this.#options.runs.isUnderWay(runName)) this.ended(runName);
      for (const file of files.keys()) waiting.add(file);
    }
    for (const name of names) if (!waiting.has(name) && !this.#looks.has(name)) this.#look(name);
  }

  /** A file that is being looked at is looked at again afterwards. */
  #look(name: string): void {
    if (this.#stopped) return;
    if (this.#looks.has(name)) {
      this.#looks.set(name, true);
      return;
    }
    this.#looks.set(name, false);
    void this.#slots.run(async () => {
      this.#looks.set(name, false);
      const run = await this.#take(name);
      const again = this.#looks.get(name);
      this.#looks.delete(name);
      if (again) this.#look(name);
      if (run) await this.#options.runs.accepted(run);
    });
  }

  /** Never throws: what fails now is done when the file is looked at again. */
  async #take(name: string): Promise<Run | undefined> {
    try {
      const run = await this.#moves.run(() => this.#begin(name));
      this.#faults.over(name);
      return run;
    } catch (error) {
      this.#faults.happened(name, error);
      return undefined;
    }
  }

  /** Moves a file to `accepted`, if it is whole and no run of its name is under way. */
  async #begin(name: string): Promise<Run | undefined> {
    const { maxBytes, runs } = this.#options;
    const path = this.#finder.pathOf(name);
    const file = await readRequest({ path, name, maxBytes });
    this.#waitNoMore(name);
    if (file.status === 'read' && !isJson(file.bytes) && this.#halfWritten.waitFor(name, file.stats)) return undefined;
    this.#halfWritten.forget(name);
    if (file.status === 'gone' || this.#stopped) return undefined;
    const runName = runNameOf(givenName(file.bytes, name.slice(0, -'.json'.length)));
    const run = runs.begin(runName);
    if (!run) {
      const cameAt = file.status === 'read' ? file.stats.ctimeNs : 0n;
      this.#behind.set(runName, (this.#behind.get(runName) ?? new Map()).set(name, cameAt));
      return undefined;
    }
    try {
      const moved = await this.#move(path, run);
      if (moved && (file.status === 'unusable' || isSame(moved, file.stats))) return run;
      if (moved) await this.#putBack(path, run);
    } catch (error) {
      runs.drop(run);
      throw error;
    }
    runs.drop(run);
    return undefined;
  }

  /** @returns what was moved; undefined when it was gone. */
  async #move(path: string | Buffer, { file }: Run): Promise<BigIntStats | undefined> {
    const { folder } = this.#options;
    const to = join(folder.accepted, file);
    for (const isLast of [false, true]) {
      try {
        await rename(path, to);
        return await lstat(to, { bigint: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        // Somebody may have removed the folder to empty it.
        if (!isLast) folder.prepare([folder.accepted]);
      }
    }
    return undefined;
  }

  /** Another file had taken the place of the one that was read: it may have another name. Never replaces what came since. */
  async #putBack(path: string | Buffer, { file }: Run): Promise<void> {
    const { folder } = this.#options;
    const from = join(folder.accepted, file);
    await link(from, path).catch(() => link(from, join(folder.requests, file)));
    await unlink(from);
  }

  #waitNoMore(name: string): void {
    for (const [runName, files] of this.#behind) {
      if (files.delete(name) && files.size === 0) this.#behind.delete(runName);
    }
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.ino === other.ino && one.size === other.size && one.mtimeNs === other.mtimeNs;
}

function isJson(bytes: Buffer): boolean {
  try {
    JSON.parse(bytes.toString().replace(/^\ufeff/, ''));
    return true;
  } catch {
    return false;
  }
}
