import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { COMPLETE_FILE, UNFINISHED } from './file-names.ts';

/** No task runs for longer: what is older was left behind by a process that died. */
const UNFINISHED_FOR_MS = 25 * 60 * 60 * 1000;

export interface ExpiredFilesOptions {
  directory: string;
  ttlMs: number;
}

/** Removes files of results that have expired, and nothing else. @returns how many */
export async function removeExpiredFiles({ directory, ttlMs }: ExpiredFilesOptions): Promise<number> {
  const names = await readdir(directory).catch(nothingThere);
  let removed = 0;
  for (const name of names) {
    const lifeMs = COMPLETE_FILE.test(name) ? ttlMs : UNFINISHED.test(name) ? UNFINISHED_FOR_MS : undefined;
    if (lifeMs === undefined) continue;
    const path = join(directory, name);
    // Another worker may be removing the same files.
    const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, nothingThere);
    if (typeof age !== 'number' || age <= lifeMs) continue;
    await rm(path, { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

function nothingThere(error: NodeJS.ErrnoException): [] {
  if (error.code !== 'ENOENT') throw error;
  return [];
}
