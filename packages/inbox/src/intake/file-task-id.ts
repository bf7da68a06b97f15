import { hash } from 'node:crypto';
import { taskIdSchema } from '@taskwire/protocol';
import type { FileStamp } from './file-stamp.ts';

/** So that the whole stays within the 128 characters of a task id. */
const MAX_BASE_LENGTH = 100;

/**
 * The task id of a file that names none. The same when the same file is read again after a crash, so that it is not run
 * twice; another when a new file of the same name is dropped, so that it is run.
 */
export function fileTaskId(name: string, { ino, size, mtimeNs }: FileStamp): string {
  const digest = hash('sha256', JSON.stringify([name, `${ino}`, `${size}`, `${mtimeNs}`]), 'hex').slice(0, 12);
  const base = name.replace(/\.json$/, '').slice(0, MAX_BASE_LENGTH);
  return taskIdSchema.safeParse(base).success ? `${base}-${digest}` : `inbox-${digest}`;
}
