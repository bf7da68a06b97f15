import { link, readFile, rename, unlink } from 'node:fs/promises';
import { type FileStamp, isSameFile, stampOf } from './file-stamp.ts';

/** A file that is to leave its folder. */
export interface RequestToMove {
  from: string | Buffer;
  /** What is known of the file that is meant; undefined of what is no readable file. */
  read: { stamp: FileStamp; bytes?: Buffer | undefined } | undefined;
  /** Where else in its folder a file may go whose own name is taken: the number is 2 or more. */
  otherName: (number: number) => string;
}

export interface MoveRequestOptions extends RequestToMove {
  to: string;
  /** Makes the folder of `to`, if somebody has removed it. */
  makeFolder: () => void;
}

/**
 * - `gone`: somebody else has removed it.
 * - `replaced`: another file had its name already, and is back in its place. Nothing is at `to`.
 */
export type Moved = 'moved' | 'gone' | 'replaced';

const MAX_OTHER_NAMES = 1000;

/**
 * Moves a request out of its folder: the file that was read, and not the one that somebody has put in its place since.
 * Whatever was at `to` before is replaced.
 *
 * @throws when it cannot be moved; it is where it was then.
 */
export async function moveRequest(options: MoveRequestOptions): Promise<Moved> {
  const { from, to, read, makeFolder } = options;
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (!(await stampOf(from))) return 'gone';
    makeFolder();
    await rename(from, to);
  }
  const moved = await stampOf(to);
  if (!moved) return 'moved';
  if (moved.nlink > 1n) await removeOtherName(from, moved);
  // A look before the move would leave a moment in which it is replaced nevertheless.
  if (!read || isSameFile(moved, read.stamp) || (await holdsTheSame(to, moved, read))) return 'moved';
  await putBack(options);
  return 'replaced';
}

/** Renaming a file to another name of the same file does nothing, says POSIX: it would be taken again and again. */
async function removeOtherName(from: string | Buffer, moved: FileStamp): Promise<void> {
  const left = await stampOf(from);
  if (left && isSameFile(left, moved)) await unlink(from);
}

/** Some writers end a complete request with a line break of its own, or set its time, when it has been read already. */
async function holdsTheSame(path: string, moved: FileStamp, { stamp, bytes }: NonNullable<RequestToMove['read']>) {
  if (!bytes || moved.ino !== stamp.ino || moved.size > 2 * bytes.length + 1024) return false;
  const now = await readFile(path);
  return trimmed(now) === trimmed(bytes);
}

function trimmed(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[ \t\r\n]+$/, '');
}

/** Moves a file from `to` back to `from`. A link, unlike renaming, never replaces what may have come meanwhile. */
export async function putBack({
  from,
  to,
  otherName,
}: Pick<MoveRequestOptions, 'from' | 'to' | 'otherName'>): Promise<void> {
  for (let number = 1; number <= MAX_OTHER_NAMES; number += 1) {
    try {
      await link(to, number === 1 ? from : otherName(number));
      return await unlink(to);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // There are file systems without links.
      if (code !== 'EEXIST') break;
    }
  }
  await rename(to, from);
}
