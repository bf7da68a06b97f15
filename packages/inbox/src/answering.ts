import { lutimes, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@taskwire/service';
import type { InboxFolder } from './inbox-folder.ts';
import { notificationOf } from './notification-file.ts';
import { writeResultFile } from './result-file.ts';
import { resultFileStatus } from './result-file-status.ts';
import type { Run } from './run.ts';
import { writeWhole } from './write-whole.ts';

export interface AnsweringOptions {
  folder: InboxFolder;
  logger: Logger;
  signal: AbortSignal;
}

export interface Answer {
  /** The result as on the wire. */
  message: string;
  /** Whether the file did not become a task. */
  isRefused: boolean;
}

/**
 * The last steps of a run, each of which may be done again after a crash: writes the result file and the notification, then
 * removes the request from `accepted`.
 *
 * @throws the error of the file system; `signal.reason` when the processor stops before.
 */
export async function answer(run: Run, { message, isRefused }: Answer, options: AnsweringOptions): Promise<void> {
  const { folder, logger, signal } = options;
  const { name, form, taskId, queryId } = run;
  const fileName = isRefused ? await nameOfRefusal(run, folder) : `${name}.json`;
  const path = join(folder.results, fileName);
  const { outcome, incomplete } = await inFolder(folder, folder.results, () =>
    writeResultFile({ path, queryId, form, message, mode: folder.fileMode, signal }),
  );
  if (incomplete) {
    logger.warn({ err: incomplete, task_id: taskId }, 'a result file has only the first rows: the rows file is gone');
  }
  const notification = JSON.stringify(notificationOf({ taskId, queryId, outcome, file: `results/${fileName}` }));
  await inFolder(folder, folder.notifications, () =>
    writeWhole(join(folder.notifications, fileName), notification, { mode: folder.fileMode }),
  );
  if (isRefused) await reject(run, folder);
  else await rm(join(folder.accepted, run.file), { force: true });
  run.outcome = outcome;
}

/** A refusal takes the place of no good result, and of no file of others. */
async function nameOfRefusal({ name, file }: Run, folder: InboxFolder): Promise<string> {
  for (const fileName of [`${name}.json`, `${name}.refused.json`]) {
    const status = await resultFileStatus(join(folder.results, fileName));
    if (status !== 'completed' && status !== 'foreign') return fileName;
  }
  return `${name}.refused.${file.slice(name.length + 1)}`;
}

async function reject({ file }: Run, folder: InboxFolder): Promise<void> {
  const to = join(folder.rejected, file);
  try {
    await inFolder(folder, folder.rejected, () => rename(join(folder.accepted, file), to));
  } catch (error) {
    // Somebody has removed it.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return;
  }
  // It is removed some days after it was refused, whatever its own date. If it cannot be dated, it goes earlier.
  await lutimes(to, new Date(), new Date()).catch(() => undefined);
}

/** Somebody may have removed the folder to empty it. */
async function inFolder<T>(folder: InboxFolder, path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    folder.prepare([path]);
    return await write();
  }
}
