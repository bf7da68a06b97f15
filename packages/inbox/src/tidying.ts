import { lstat, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@taskwire/service';
import type { InboxFolder } from './inbox-folder.ts';
import { resultFileStatus } from './result-file-status.ts';

export interface TidyingOptions {
  folder: InboxFolder;
  /** Results, notifications and rejected requests are removed after this. */
  keepDays: number;
  logger: Logger;
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** What a killed process left of a file: see `writeWhole`. */
const UNFINISHED = /^\..+\.[\da-f]{8}\.taskwire\.part$/;

/** Removes old files, at the start and once an hour, one after the other. */
export class Tidying implements AsyncDisposable {
  readonly #options: TidyingOptions;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #tidying: Promise<void> | undefined;

  constructor(options: TidyingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#begin(), HOUR_MS).unref();
    this.#begin();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#tidying;
  }

  #begin(): void {
    this.#tidying ??= this.#tidy().finally(() => {
      this.#tidying = undefined;
    });
  }

  async #tidy(): Promise<void> {
    const { folder, keepDays, logger } = this.#options;
    const old = [folder.results, folder.notifications, folder.rejected];
    let removed = 0;
    for (const path of [...old, folder.accepted, folder.path]) {
      const keepMs = old.includes(path) ? keepDays * DAY_MS : Number.POSITIVE_INFINITY;
      try {
        removed += await this.#removeFrom(path, keepMs);
      } catch (error) {
        // It is made again when it is needed, and what is in its place was said.
        if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) continue;
        logger.warn({ err: error }, 'old files of the inbox could not be removed');
      }
    }
    if (removed > 0) logger.info({ files: removed }, 'removed old files of the inbox');
  }

  async #removeFrom(path: string, keepMs: number): Promise<number> {
    const { folder } = this.#options;
    let removed = 0;
    for await (const { name } of await opendir(path)) {
      if (this.#stopping.signal.aborted) break;
      const limitMs = UNFINISHED.test(name) ? HOUR_MS : name.endsWith('.json') ? keepMs : Number.POSITIVE_INFINITY;
      if (!(await isOld(join(path, name), limitMs))) continue;
      if (path === folder.results && limitMs === keepMs && !(await isOurs(join(path, name)))) continue;
      await rm(join(path, name), { force: true });
      removed += 1;
    }
    return removed;
  }
}

/** Somebody may keep files of his own among the results, as may the daemon that taskwire replaces. */
async function isOurs(path: string): Promise<boolean> {
  return !['foreign', 'absent'].includes(await resultFileStatus(path));
}

/** Never a folder or a link: neither is ours. */
async function isOld(path: string, limitMs: number): Promise<boolean> {
  if (limitMs === Number.POSITIVE_INFINITY) return false;
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    // Somebody else was faster.
    if (error.code !== 'ENOENT') throw error;
  });
  return stats?.isFile() === true && Date.now() - stats.mtimeMs >= limitMs;
}
