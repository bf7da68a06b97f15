import { join } from 'node:path';
import { errorResultOf } from '@taskwire/admission';
import type { Logger } from '@taskwire/service';
import type { InboxFolder } from '../inbox-folder.ts';
import { outcomeOf } from '../result-file-outcome.ts';
import { type AcceptedFile, readAcceptedFile } from './accepted-file.ts';
import type { AwaitedTask } from './awaited-task.ts';
import type { AwaitedTasks } from './awaited-tasks.ts';
import { readEarlierResult } from './earlier-result.ts';
import { RetryingQueue } from './retrying-queue.ts';

export interface LostTasksOptions {
  folder: InboxFolder;
  tasks: AwaitedTasks;
  /** How long Redis keeps a result. */
  keptSeconds: number;
  resubmit: (taskId: string) => Promise<void>;
  /** Called for a task that has ended. */
  onEnd: (taskId: string) => void;
  logger: Logger;
}

const CONCURRENCY = 8;

const NO_FILE: AcceptedFile = {
  form: 'request',
  task_type: null,
  user_id: null,
  metadata: {},
  names: undefined,
  acceptedAt: new Date(0),
};

/**
 * Accepted tasks of which Redis has neither a result nor a record. Either it has lost its data, then they are submitted
 * again, or it was so long ago that their results have expired.
 */
export class LostTasks implements AsyncDisposable {
  readonly #options: LostTasksOptions;
  readonly #queue: RetryingQueue;

  constructor(options: LostTasksOptions) {
    this.#options = options;
    this.#queue = new RetryingQueue({
      work: (taskId) => this.#see(taskId),
      concurrency: CONCURRENCY,
      logger: options.logger,
      messages: {
        failing: 'tasks that Redis has lost cannot be submitted again; trying every 2 s',
        working: 'tasks that Redis has lost are submitted again',
      },
    });
  }

  add(taskIds: readonly string[]): void {
    const lost = taskIds.filter((taskId) => isLost(this.#options.tasks.get(taskId)) && !this.#queue.has(taskId));
    if (lost.length === 0) return;
    this.#options.logger.warn(
      { tasks: lost.length, task_id: lost[0] },
      'Redis knows nothing of tasks that were accepted',
    );
    for (const taskId of lost) this.#queue.add(taskId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#queue[Symbol.asyncDispose]();
  }

  async #see(taskId: string): Promise<void> {
    const { folder, tasks, keptSeconds, resubmit, onEnd } = this.#options;
    const file = (await readAcceptedFile(folder.acceptedFile(taskId))) ?? NO_FILE;
    const earlier = await readEarlierResult(join(folder.results, `${taskId}.json`));
    const task = tasks.get(taskId);
    if (!isLost(task)) return;
    if (earlier.status === 'read' && earlier.writtenAt >= file.acceptedAt) {
      // It had its result file, and its writer died before the next step.
      task.outcome = outcomeOf(earlier.members);
    } else if (Date.now() - file.acceptedAt.getTime() < keptSeconds * 1000) {
      task.isResubmitted = true;
      try {
        await resubmit(taskId);
      } finally {
        // Redis may lose it again.
        task.isResubmitted = false;
      }
      return;
    } else {
      const error = `Its result is not known: the task was accepted at ${file.acceptedAt.toISOString()}, and results are kept for ${keptSeconds} s (results.ttl_seconds)`;
      const gone = 'Its result is not known: neither Redis nor a file in `accepted` has its request';
      const { form, acceptedAt, names: _names, ...about } = file;
      task.form ??= form;
      task.verdict = JSON.stringify(
        errorResultOf({
          code: 'task_failed',
          error: file === NO_FILE ? gone : error,
          task: { ...about, task_id: taskId },
        }),
      );
    }
    onEnd(taskId);
  }
}

/** Whether a task that Redis does not know needs anything. */
function isLost(task: AwaitedTask | undefined): task is AwaitedTask {
  return task?.isAccepted === true && !task.isResubmitted && !task.outcome && task.verdict === undefined;
}
