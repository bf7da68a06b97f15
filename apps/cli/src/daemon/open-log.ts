import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_FILE_NAME } from './log-files.ts';

/** One file of the log, held open: it stays the same when renamed or removed. */
export interface OpenLog extends AsyncDisposable {
  handle: FileHandle;
  inode: number;
}

/** The current files of the log, newest first. The caller closes them. */
export async function openLogs(directory: string): Promise<OpenLog[]> {
  const opened = new Map<number, OpenLog>();
  // Newest first: a file rotated meanwhile is met again under its next name, and none is missed.
  for (const name of await logNames(directory)) {
    const handle = await open(join(directory, name), 'r').catch(absent);
    if (!handle) continue;
    const { ino } = await handle.stat();
    if (opened.has(ino)) await handle.close();
    else opened.set(ino, { handle, inode: ino, [Symbol.asyncDispose]: () => handle.close() });
  }
  return [...opened.values()];
}

async function logNames(directory: string): Promise<string[]> {
  const names = (await readdir(directory).catch(absent)) ?? [];
  const numbers = names.flatMap((name) => /^taskwire\.log\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const highest = Math.max(0, ...numbers);
  // One more than there was: the oldest may be renamed.
  return [LOG_FILE_NAME, ...Array.from({ length: highest + 1 }, (_, index) => `${LOG_FILE_NAME}.${index + 1}`)];
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
