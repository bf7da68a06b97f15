import { basename, join } from 'node:path';
import { errorResultOf } from '@taskwire/admission';
import { type InboxForm, isRefusal, taskIdSchema } from '@taskwire/protocol';
import type { InboxFolder } from '../inbox-folder.ts';
import type { RefusedFile } from '../open-task.ts';
import { membersOf } from '../result-file-members.ts';
import { type Outcome, outcomeOf } from '../result-file-outcome.ts';
import { readEarlierResult } from './earlier-result.ts';
import type { TaskEnding } from './task-ending.ts';

export interface RefusalsOptions {
  folder: InboxFolder;
  ending: Pick<TaskEnding, 'write' | 'notify'>;
}

interface Refusal {
  form: InboxForm;
  message: string;
  isConflict: boolean;
  /** Called after the first try to write it. */
  tried: () => void;
}

/** Results of files that did not become a task, until they are written. */
export class Refusals {
  readonly #options: RefusalsOptions;
  readonly #open = new Map<string, Refusal>();

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /**
   * @returns how it ended, and the name of its result file if it can have one: the task id that it names, else the one from
   * the name of the file.
   */
  static resultOf({ name, rejection }: RefusedFile): { taskId: string | undefined; message: string; outcome: Outcome } {
    const named = rejection.task.task_id ?? basename(name, '.json');
    const taskId = taskIdSchema.safeParse(named).success ? named : undefined;
    const message = JSON.stringify(
      errorResultOf({ ...rejection, task: { ...rejection.task, task_id: taskId ?? null } }),
    );
    return {
      taskId,
      message,
      outcome: outcomeOf(membersOf(message)),
    };
  }

  /** @returns resolves after the first try to write it. */
  add(taskId: string, refusal: Omit<Refusal, 'tried'>): Promise<void> {
    this.drop(taskId);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#open.set(taskId, { ...refusal, tried: resolve });
    return promise;
  }

  /** A task of that id has come: its own result counts. */
  drop(taskId: string): void {
    this.#open.get(taskId)?.tried();
    this.#open.delete(taskId);
  }

  /**
   * Writes its result file and notification, unless a task has a result file of that name. A conflict replaces that: the
   * requester of something else under an old id would take the old rows for the answer. Redis still has that result.
   *
   * @throws the error of the file system.
   */
  async write(taskId: string): Promise<void> {
    const refusal = this.#open.get(taskId);
    if (!refusal) return;
    const { folder, ending } = this.#options;
    try {
      if (refusal.isConflict || !(await this.#belongsToTask(join(folder.results, `${taskId}.json`)))) {
        await ending.notify(taskId, await ending.write(taskId, refusal));
      }
      if (this.#open.get(taskId) === refusal) this.#open.delete(taskId);
    } finally {
      refusal.tried();
    }
  }

  /** Nobody waits for them any more. */
  dropAll(): void {
    for (const taskId of this.#open.keys()) this.drop(taskId);
  }

  async #belongsToTask(path: string): Promise<boolean> {
    const earlier = await readEarlierResult(path);
    if (earlier.status !== 'read') return earlier.status === 'unreadable';
    const { members } = earlier;
    const read = (name: string): unknown => JSON.parse(members.get(name) ?? 'null');
    return !isRefusal({ error_code: read('error_code'), attempts: read('attempts') });
  }
}
