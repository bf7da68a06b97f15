import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { JobCleanStatus, JobStatus, QueueJob, QueueJobJson, QueueJobOptions } from '@bull-board/api/typings/app';
import { taskIdOfJob } from '@taskwire/protocol';
import type { BullMQJob, JobType, TaskQueue } from '@taskwire/queue';
import type { TaskDefinition } from '@taskwire/tasks';
import { showValue } from '@taskwire/tasks/masking';
import { formSchema } from './add/form-schema.ts';
import { BoardError } from './board-error.ts';
import { boardJob } from './board-job.ts';
import { shownName } from './show/shown-job.ts';
import type { TaskActions } from './task-actions.ts';

/** The most jobs at once: each may be a megabyte. */
const MAX_JOBS = 200;

/** A queue as Bull Board gets it: actions on its jobs act on their tasks. */
export class TaskQueueAdapter extends BullMQAdapter {
  readonly #queue: TaskQueue;
  readonly #actions: TaskActions;

  /** @param definitions the task types of the queue. */
  constructor(queue: TaskQueue, definitions: readonly TaskDefinition[], actions: TaskActions) {
    super(queue, {
      description: `Tasks: ${definitions.map(({ type }) => type).join(', ')}`,
      jobDataSchema: formSchema(definitions),
      externalJobUrl: ({ id }) => {
        const taskId = taskIdOfJob(String(id));
        return { displayText: 'Its page', href: taskId === undefined ? '/tasks' : `/tasks/${taskId}` };
      },
    });
    this.#queue = queue;
    this.#actions = actions;
    this.setFormatter('name', (job: QueueJobJson) => shownName(job));
    for (const field of ['data', 'returnValue', 'progress'] as const) this.setFormatter(field, showValue);
  }

  override async addJob(name: string, data: unknown, options: QueueJobOptions): Promise<BullMQJob> {
    return asBullMQs(await this.#actions.add(this.#queue, { name, data, options }));
  }

  override async getJob(id: string): Promise<BullMQJob | undefined> {
    const job = await this.#queue.getJob(id).catch((error: Error) => {
      // One of BullMQ's own keys, not a hash: no job.
      if (error.message.startsWith('WRONGTYPE')) return undefined;
      throw error;
    });
    // Any hash with such a key passes for a job; the queue's own, `meta`, has no name.
    const found = job?.name ? job : await this.#actions.viewOf(this.#queue, id);
    return found && asBullMQs(await this.#actions.inFull(found));
  }

  override async getJobs(statuses: JobStatus[], start?: number, end?: number): Promise<BullMQJob[]> {
    const last = Math.min(end ?? Number.POSITIVE_INFINITY, (start ?? 0) + MAX_JOBS - 1);
    const jobs = await this.#actions.list(await this.#queue.getTaskJobs(statuses as JobType[], start ?? 0, last));
    return jobs.map((job) => asBullMQs(boardJob(job, this.#actions.ofMany)));
  }

  override getJobLogs(id: string): Promise<string[]> {
    return this.#actions.logsOf(id);
  }

  override async clean(status: JobCleanStatus | 'waiting' | 'prioritized', graceTimeMs: number): Promise<void> {
    const addedBefore = Date.now() - graceTimeMs;
    switch (status) {
      case 'completed':
      case 'failed':
        return super.clean(status, graceTimeMs);
      case 'wait':
      case 'waiting':
        return this.#actions.removeWaiting(this.#queue, 'waiting', addedBefore);
      case 'delayed':
      case 'prioritized':
        return this.#actions.removeWaiting(this.#queue, status, addedBefore);
      default:
        throw new BoardError({
          status: 409,
          title: 'Nothing was removed',
          message: `Jobs that are ${status} are held by workers; they leave the queue when they have ended.`,
          code: 'not_removable',
        });
    }
  }

  override async empty(): Promise<void> {
    const now = Date.now();
    for (const state of ['waiting', 'prioritized'] as const) {
      await this.#actions.removeWaiting(this.#queue, state, now);
    }
  }
}

/** Bull Board reads only the members of `QueueJob`, but its adapter for BullMQ promises BullMQ's own. */
function asBullMQs(job: QueueJob): BullMQJob {
  return job as unknown as BullMQJob;
}
