import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';

/** By what a file is known again: another file of the same name has another one, and so has the same one with other content. */
export type FileStamp = Pick<BigIntStats, 'ino' | 'size' | 'mtimeNs' | 'nlink'>;

export function isSameFile(one: FileStamp, other: FileStamp): boolean {
  return one.ino === other.ino && one.size === other.size && one.mtimeNs === other.mtimeNs;
}

/** Of what stands at a path, a link itself rather than what it points to; undefined when nothing does. */
export async function stampOf(path: string | Buffer): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
