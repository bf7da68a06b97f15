import { lstat, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { givenName, runNameOf } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import { Places } from '@taskwire/service/places';
import { FaultLog } from './fault-log.ts';
import { HalfWritten } from './half-written.ts';
import type { InboxFolder } from './inbox-folder.ts';
import { readRequest } from './request-file.ts';
import { RequestFinder } from './request-finder.ts';
import type { Run } from './run.ts';
import type { Runs } from './runs.ts';

export interface RequestIntakeOptions {
  folder: InboxFolder;
  /** Of a larger file only both ends are read. */
  maxBytes: number;
  runs: Runs;
  logger: Logger;
  /** How long a file that is not JSON may stay unchanged before it is taken as it is. */
  halfWrittenMs: number;
  /** Between two scans for files without an event. */
  scanIntervalMs: number;
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
  readonly #places = new Places(CONCURRENCY);
  readonly #faults: FaultLog;
  /** The files being looked at, or about to be; true: something was heard of it meanwhile. */
  readonly #looks = new Map<string, boolean>();
  /** The files that wait for a run of their name to end: name of the run → names of files, each with when it came. */
  readonly #behind = new Map<string, Map<string, bigint>>();
  /** Resolves when all that was looked at has begun, waits, or is none. */
  #decided: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: RequestIntakeOptions) {
    this.#options = options;
    const { folder, logger, halfWrittenMs, scanIntervalMs } = options;
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

  /** No run of this name is under way any more: the file that came first may begin. */
  free(runName: string): void {
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
    await this.#decided;
    // A file that was just read may be waiting.
    this.#halfWritten[Symbol.dispose]();
  }

  /** In the order in which they came. */
  async #lookAtAll(names: readonly string[]): Promise<void> {
    for (const runName of this.#behind.keys()) if (!this.#options.runs.isUnderWay(runName)) this.free(runName);
    const waiting = new Set([...this.#behind.values()].flatMap((files) => [...files.keys()]));
    const news = names.filter((name) => !waiting.has(name) && !this.#looks.has(name));
    const came = await Promise.all(news.map(async (name) => [name, await this.#cameAt(name)] as const));
    for (const [name] of came.sort((one, other) => (one[1] < other[1] ? -1 : 1))) this.#look(name);
  }

  /** When a file came to its folder; 0 for what is gone. */
  async #cameAt(name: string): Promise<bigint> {
    const stats = await lstat(this.#finder.pathOf(name), { bigint: true }).catch(() => undefined);
    return stats?.ctimeNs ?? 0n;
  }

  /** A file that is being looked at is looked at again afterwards. */
  #look(name: string): void {
    if (this.#stopped) return;
    if (this.#looks.has(name)) {
      this.#looks.set(name, true);
      return;
    }
    this.#looks.set(name, false);
    void this.#lookInTurn(name);
  }

  async #lookInTurn(name: string): Promise<void> {
    using _place = await this.#places.take();
    this.#looks.set(name, false);
    const run = await this.#take(name);
    const again = this.#looks.get(name);
    this.#looks.delete(name);
    if (again) this.#look(name);
    if (run) await this.#options.runs.accepted(run);
  }

  /** Never throws: what fails now is done when the file is looked at again. */
  async #take(name: string): Promise<Run | undefined> {
    if (this.#stopped) return undefined;
    const before = this.#decided;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#decided = promise;
    try {
      const run = await this.#begin(name, before);
      this.#faults.over(name);
      return run;
    } catch (error) {
      this.#faults.happened(name, error);
      return undefined;
    } finally {
      resolve();
    }
  }

  /**
   * Moves a file to `accepted`, if it is whole and no run of its name is under way.
   *
   * @param before what was looked at before is decided: files are read together, but begin in their order.
   */
  async #begin(name: string, before: Promise<void>): Promise<Run | undefined> {
    const { maxBytes, runs } = this.#options;
    const path = this.#finder.pathOf(name);
    const file = await readRequest({ path, name, maxBytes }).finally(() => before);
    const given = file.status === 'gone' ? undefined : givenName(file.bytes, name.slice(0, -'.json'.length));
    if (file.status === 'read' && !given?.isJson && this.#halfWritten.waitFor(name, file.stats)) return undefined;
    this.#halfWritten.forget(name);
    const runName = given && runNameOf(given.name);
    const cameAt = this.#waitNoMore(name, runName) ?? (file.status === 'read' ? file.stats.ctimeNs : 0n);
    if (runName === undefined || this.#stopped) return undefined;
    const isNext = [...(this.#behind.get(runName)?.values() ?? [])].every((other) => cameAt <= other);
    const run = isNext ? runs.begin(runName) : undefined;
    if (!run) {
      this.#behind.set(runName, (this.#behind.get(runName) ?? new Map()).set(name, cameAt));
      if (!isNext && !runs.isUnderWay(runName)) this.free(runName);
      return undefined;
    }
    try {
      if (await this.#move(path, run)) return run;
    } catch (error) {
      runs.release(run);
      throw error;
    }
    runs.release(run);
    return undefined;
  }

  /** @returns whether there still was such a file: perhaps another one than was read, which is found out when the run begins. */
  async #move(path: string | Buffer, { file }: Run): Promise<boolean> {
    const { folder } = this.#options;
    const to = join(folder.accepted, file);
    for (const isLast of [false, true]) {
      try {
        await rename(path, to);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        // Somebody may have removed the folder to empty it.
        if (!isLast) folder.prepare([folder.accepted]);
      }
    }
    return false;
  }

  /**
   * A file that waits is looked at, and may be gone, or call itself otherwise by now: then the next one of its name is looked at.
   *
   * @returns since when it has waited for this run.
   */
  #waitNoMore(name: string, runName: string | undefined): bigint | undefined {
    let since: bigint | undefined;
    for (const [other, files] of this.#behind) {
      const cameAt = files.get(name);
      if (cameAt === undefined) continue;
      files.delete(name);
      if (files.size === 0) this.#behind.delete(other);
      if (other === runName) since = cameAt;
      else if (!this.#options.runs.isUnderWay(other)) this.free(other);
    }
    return since;
  }
}
