import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { runNameOf } from '@taskwire/protocol';
import { PLAIN_FLAGS } from './plain-flags.ts';

/** How each result file of ours begins, also those of earlier versions. */
const BEGINNING =
  /^\{"query_id":("(?:[^"\\]|\\.)*"),(?:"(?:result_count|duration_seconds|completed_at)":[^,]+,)+"status":"(completed|failed|error)"/;
const BEGINNING_BYTES = 8192;

/**
 * What is at the place of a result file: what its result says, or something that taskwire did not write, at least not there.
 *
 * @throws the error of the file system when it cannot be read.
 */
export async function resultFileStatus(path: string): Promise<'completed' | 'failed' | 'error' | 'foreign' | 'absent'> {
  try {
    await using file = await open(path, PLAIN_FLAGS);
    if (!(await file.stat()).isFile()) return 'foreign';
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
    const [, id, status] = BEGINNING.exec(buffer.toString('utf8', 0, bytesRead)) ?? [];
    // Somebody may have copied one to keep it.
    const isHere = id !== undefined && basename(path).startsWith(`${runNameOf(JSON.parse(id))}.`);
    return isHere ? (status as 'completed' | 'failed' | 'error') : 'foreign';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'absent';
    // A link, a socket, or one that is not for us.
    if (code === 'ELOOP' || code === 'ENXIO' || code === 'EACCES') return 'foreign';
    throw error;
  }
}
