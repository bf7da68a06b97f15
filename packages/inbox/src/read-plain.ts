import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Follows no link, and waits for no writer of a pipe. */
export const PLAIN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface PlainFile {
  text: string;
  /** When its content last changed. */
  changedAt: Date;
  /** When it came to its place, at the earliest. */
  movedAt: Date;
}

/**
 * Reads a file that anybody may have put there.
 *
 * @param options.maxBytes a larger one is not read. Default: no limit.
 * @returns undefined when there is no ordinary file of this name, or it is too large.
 * @throws the error of the file system when it cannot be read.
 */
export async function readPlain(
  path: string,
  { maxBytes = Number.POSITIVE_INFINITY }: { maxBytes?: number } = {},
): Promise<PlainFile | undefined> {
  try {
    await using file = await open(path, PLAIN_FLAGS);
    const stats = await file.stat();
    if (!stats.isFile() || stats.size > maxBytes) return undefined;
    return { text: await file.readFile('utf8'), changedAt: stats.mtime, movedAt: stats.ctime };
  } catch (error) {
    if (NO_PLAIN_FILE.includes((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}

/** Nothing there; a link; a socket. */
const NO_PLAIN_FILE: readonly (string | undefined)[] = ['ENOENT', 'ELOOP', 'ENXIO'];
