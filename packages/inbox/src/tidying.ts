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

/** Removes old files, now and once an hour, one after the other, until it is disposed. */
export function startTidying({ folder, keepDays, logger }: TidyingOptions): AsyncDisposable {
  let isOver = false;
  let tidying: Promise<void> | undefined;
  const begin = () => {
    tidying ??= tidy().finally(() => {
      tidying = undefined;
    });
  };
  const timer = setInterval(begin, HOUR_MS).unref();
  begin();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      isOver = true;
      await tidying;
    },
  };

  async function tidy(): Promise<void> {
    const old = [folder.results, folder.notifications, folder.rejected];
    let removed = 0;
    for (const path of [...old, folder.accepted, folder.path]) {
      const keepMs = old.includes(path) ? keepDays * DAY_MS : Number.POSITIVE_INFINITY;
      try {
        removed += await removeFrom(path, keepMs);
      } catch (error) {
        // It is made again when it is needed, and what is in its place was said.
        if (['ENOENT', 'ENOTDIR'].includes(String((error as NodeJS.ErrnoException).code))) continue;
        logger.warn({ err: error }, 'old files of the inbox could not be removed');
      }
    }
    if (removed > 0) logger.info({ files: removed }, 'removed old files of the inbox');
  }

  async function removeFrom(path: string, keepMs: number): Promise<number> {
    let removed = 0;
    for await (const { name } of await opendir(path)) {
      if (isOver) break;
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
