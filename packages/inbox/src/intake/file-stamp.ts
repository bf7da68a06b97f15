import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** Identifies a file: another file of the same name has another stamp, and so has the same file with other content. */
export type FileStamp = Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs' | 'nlink'>;

export function isSameFile(one: FileStamp, other: FileStamp): boolean {
  return one.ino === other.ino && one.size === other.size && one.mtimeNs === other.mtimeNs;
}

/** Of what is at a path, a link itself rather than its target; undefined when nothing is there. */
export async function stampOf(path: string | Buffer): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
