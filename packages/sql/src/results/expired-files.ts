import type { Dirent } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPLETE_FILE, EXPORT_FOLDER, UNFINISHED_FILE } from './file-names.ts';

/** No task runs for longer: an older file is from a process that died. */
const UNFINISHED_FOR_MS = 25 * 60 * 60 * 1000;

export interface ExpiredFilesOptions {
  directory: string;
  ttlMs: number;
}

/** Removes files of results that have expired, and nothing else. @returns how many */
export async function removeExpiredFiles({ directory, ttlMs }: ExpiredFilesOptions): Promise<number> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(nothingThere);
  const lives = entries.map((entry) => ({ path: join(directory, entry.name), lifeMs: lifeOf(entry, ttlMs) }));
  let removed = 0;
  for (const { path, lifeMs } of lives) {
    if (lifeMs === undefined) continue;
    // Another worker may be removing the same files.
    const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, nothingThere);
    if (typeof age !== 'number' || age <= lifeMs) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

function lifeOf(entry: Dirent, ttlMs: number): number | undefined {
  if (entry.isFile() && COMPLETE_FILE.test(entry.name)) return ttlMs;
  if (entry.isFile() && UNFINISHED_FILE.test(entry.name)) return UNFINISHED_FOR_MS;
  return entry.isDirectory() && EXPORT_FOLDER.test(entry.name) ? UNFINISHED_FOR_MS : undefined;
}

function nothingThere(error: NodeJS.ErrnoException): [] {
  if (error.code !== 'ENOENT') throw error;
  return [];
}
