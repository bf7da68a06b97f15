import { hash } from 'node:crypto';
import { taskIdSchema } from '@taskwire/protocol';
import type { FileStamp } from './file-stamp.ts';

/** Keeps the whole within the 128 characters of a task id. */
const MAX_BASE_LENGTH = 100;

/**
 * The task id of a file that names none. The same when the same file is read again after a crash, so that it does not run
 * twice; another for a new file of the same name, so that it runs.
 */
export function fileTaskId(name: string, { ino, size, mtimeNs }: FileStamp): string {
  const digest = hash('sha256', JSON.stringify([name, `${ino}`, `${size}`, `${mtimeNs}`]), 'hex').slice(0, 12);
  const base = name.replace(/\.json$/, '').slice(0, MAX_BASE_LENGTH);
  return taskIdSchema.safeParse(base).success ? `${base}-${digest}` : `inbox-${digest}`;
}
