import { link, readFile, rename, unlink } from 'node:fs/promises';
import { type FileStamp, isSameFile, stampOf } from './file-stamp.ts';

/** A file that is to leave its folder. */
export interface RequestToMove {
  from: string | Buffer;
  /** What is known of this file; undefined for what is no readable file. */
  read: { stamp: FileStamp; bytes?: Buffer | undefined } | undefined;
  /** Another place in its folder for a file whose own name is taken: the number is 2 or more. */
  otherName: (number: number) => string;
}

export interface MoveRequestOptions extends RequestToMove {
  to: string;
  /** Makes the folder of `to`, if it was removed. */
  makeFolder: () => void;
}

/**
 * - `gone`: it was removed.
 * - `replaced`: another file had taken its name, and is back in its place. Nothing is at `to`.
 */
export type Moved = 'moved' | 'gone' | 'replaced';

const MAX_OTHER_NAMES = 1000;

/**
 * Moves a request out of its folder: the file that was read, not one that has replaced it since. Replaces whatever was at
 * `to`.
 *
 * @throws when it cannot be moved; it is where it was before.
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
  // After a look before the move, it could still be replaced.
  if (!read || isSameFile(moved, read.stamp) || (await holdsTheSame(to, moved, read))) return 'moved';
  await putBack(options);
  return 'replaced';
}

/** Renaming a file to another name of the same file does nothing, says POSIX: it would be taken again and again. */
async function removeOtherName(from: string | Buffer, moved: FileStamp): Promise<void> {
  const left = await stampOf(from);
  if (left && isSameFile(left, moved)) await unlink(from);
}

/** Some writers add a final line break to a complete request, or set its time, after it was read. */
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
      // Some file systems have no links.
      if (code !== 'EEXIST') break;
    }
  }
  await rename(to, from);
}
