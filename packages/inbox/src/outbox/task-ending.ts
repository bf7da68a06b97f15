import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InboxForm } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { InboxFolder } from '../inbox-folder.ts';
import { notificationOf } from '../notification-file.ts';
import { writeResultFile } from '../result-file.ts';
import type { Outcome } from '../result-file-outcome.ts';
import { writeWhole } from '../write-whole.ts';
import { readAcceptedFile } from './accepted-file.ts';
import type { AwaitedTask } from './awaited-task.ts';
import type { AwaitedTasks } from './awaited-tasks.ts';
import type { ResultStore } from './result-store.ts';

export interface TaskEndingOptions {
  folder: InboxFolder;
  store: Pick<ResultStore, 'result'>;
  tasks: AwaitedTasks;
  /** Submits a request of another task that is in this one's place in `accepted`. */
  submitForeign: (taskId: string) => Promise<void>;
  /** Called for each task after its last step. */
  onClosed: (task: AwaitedTask) => void;
  logger: Logger;
}

/**
 * The last steps of a task: write its result file, write its notification, remove its file from `accepted`. A process killed
 * in between leaves that file, and the next start takes all steps again.
 */
export class TaskEnding {
  readonly #options: TaskEndingOptions;

  constructor(options: TaskEndingOptions) {
    this.#options = options;
  }

  /** Goes as far as it can now. @throws the error of the file system; call it again to go on from there. */
  async end(task: AwaitedTask, signal: AbortSignal): Promise<void> {
    if (!task.outcome && !(await this.#writeResult(task, signal))) return;
    const { folder, tasks, onClosed } = this.#options;
    const { taskId, outcome } = task;
    // Somebody has just asked for it again, which leads here once more.
    if (!outcome) return;
    if (!task.isNotified) {
      await this.notify(taskId, outcome);
      task.isNotified = true;
    }
    if (!task.isAccepted) return;
    if (task.isFound) await this.#saveForeign(taskId);
    await rm(folder.acceptedFile(taskId), { force: true });
    // Asked for again in between, it stays open and is written again.
    if (task.outcome) {
      tasks.close(task, outcome);
      onClosed(task);
    }
  }

  /** Writes the result file. */
  async write(taskId: string, result: { form: InboxForm; message: string; signal?: AbortSignal }): Promise<Outcome> {
    const { folder, logger } = this.#options;
    const path = join(folder.results, `${taskId}.json`);
    const { outcome, incomplete } = await this.#inFolder(folder.results, () =>
      writeResultFile({ path, taskId, mode: folder.fileMode, ...result }),
    );
    if (incomplete) {
      logger.warn({ err: incomplete, task_id: taskId }, 'a result file has only the first rows: the rows file is gone');
    }
    return outcome;
  }

  async notify(taskId: string, outcome: Outcome): Promise<void> {
    const { folder } = this.#options;
    const path = join(folder.notifications, `${taskId}.json`);
    const text = JSON.stringify(notificationOf(taskId, outcome));
    await this.#inFolder(folder.notifications, () => writeWhole(path, text, { mode: folder.fileMode }));
  }

  /** Another request was moved here by mistake, and the process was killed before it could put it back. */
  async #saveForeign(taskId: string): Promise<void> {
    const { folder, submitForeign } = this.#options;
    const names = (await readAcceptedFile(folder.acceptedFile(taskId)))?.names;
    if (names !== undefined && names !== taskId) await submitForeign(taskId);
  }

  /** Somebody may have removed the folder to empty it. */
  async #inFolder<T>(path: string, write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#options.folder.prepare([path]);
      return await write();
    }
  }

  async #writeResult(task: AwaitedTask, signal: AbortSignal): Promise<boolean> {
    const { folder, store, logger } = this.#options;
    const { taskId } = task;
    const stored = await store.result(taskId).catch((error: unknown) => {
      logger.debug({ err: error, task_id: taskId }, 'a result could not be read; trying again');
      return null;
    });
    const message = stored ?? task.verdict ?? null;
    // The message was false, or Redis is in trouble: the store is read again anyway.
    if (message === null) return false;
    task.form ??= (await readAcceptedFile(folder.acceptedFile(taskId)))?.form ?? 'request';
    task.outcome = await this.write(taskId, { form: task.form, message, signal });
    return true;
  }
}
