import type { Logger } from '@taskwire/service';
import { type TaskStore, untilDone } from '@taskwire/store';
import type { JobEnd, Seats } from './queue-worker.ts';
import type { TaskQueue } from './queues.ts';
import {
  type CarriedTask,
  carriedTasks,
  type JobTask,
  type Leaving,
  ownJobFor,
  ownJobId,
  sharedPlace,
  type TaskJob,
  tasksOf,
} from './task-job.ts';

export interface SharedJobRunnerOptions {
  queues: ReadonlyMap<string, Pick<TaskQueue, 'addBulk'>>;
  store: Pick<TaskStore, 'look' | 'move'>;
  /** Runs one of the tasks, and says how it goes on. Never throws. */
  runTask: (job: TaskJob, task: JobTask) => Promise<JobEnd>;
  logger: Logger;
  /** Aborted when there is no more time to wait for Redis. */
  signal: AbortSignal;
}

/**
 * Runs a job that several light tasks share. Each task that does not simply complete leaves it for a job of its own, so
 * that it is seen, cancelled and retried alone. A shared job that comes back, from a dead worker or one that stopped, is not
 * run: all of its open tasks leave.
 */
export class SharedJobRunner {
  readonly #options: SharedJobRunnerOptions;

  constructor(options: SharedJobRunnerOptions) {
    this.#options = options;
  }

  /** @param seats tasks for which this worker has no seat leave, too. */
  async run(job: TaskJob, seats: Seats): Promise<JobEnd> {
    const { runTask, logger } = this.#options;
    const tasks = tasksOf(job);
    const carried = carriedTasks(job.data);
    const looks = await this.#options.store.look(tasks.map(({ task_id }) => task_id));
    const isFirst = job.attemptsStarted <= 1 && job.stalledCounter === 0;
    const here: number[] = [];
    const leaving: number[] = [];
    for (const [index, { task_id }] of tasks.entries()) {
      const { jobId = job.id, hasEnded } = looks[index] as { jobId?: string; hasEnded: boolean };
      // Cancelled while it waited, or ended by a worker that died. Or its id belongs to a later task.
      if (hasEnded || (jobId !== job.id && jobId !== ownJobId(task_id, job.id as string))) continue;
      (isFirst && jobId === job.id && here.length < seats.count ? here : leaving).push(index);
    }
    const before = { started: isFirst ? 0 : 1, failed: 0, lost: job.stalledCounter };
    const outcomes = await Promise.allSettled([
      this.#leave(
        job,
        leaving.map((index) => carried[index] as CarriedTask),
        { before },
      ),
      ...here.map(async (index) => {
        const end = await runTask(job, tasks[index] as JobTask);
        if (end.status !== 'completed') await this.#leave(job, [carried[index] as CarriedTask], leavingAfter(end));
        seats.free();
      }),
    ]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (!failed) return { status: 'completed', kept: {} };
    logger.error({ err: failed.reason, jobId: job.id }, 'a job goes back to the queue');
    return { status: 'returned' };
  }

  /** Gives tasks jobs of their own. They are noted as theirs first: whoever is cut off in between adds the same ones again. */
  async #leave(job: TaskJob, tasks: readonly CarriedTask[], how: Leaving): Promise<void> {
    const { queues, store, logger, signal } = this.#options;
    if (tasks.length === 0) return;
    const jobs = new Map(tasks.map(({ task_id }) => [task_id, ownJobId(task_id, job.id as string)]));
    const leave = async () => {
      const moved = new Set(await store.move(sharedPlace(job), jobs));
      const own = tasks.filter(({ task_id }) => moved.has(task_id)).map((task) => ownJobFor(job, task, how));
      // The one that is added last is the next one.
      if (own.length > 0) await queues.get(job.queueName)?.addBulk(own.reverse());
    };
    await untilDone(leave, { what: 'Redis did not take the jobs of tasks; adding them again', logger, signal });
  }
}

/** A failed one finds its result there, and its job fails: then it is seen, and can be run again. */
function leavingAfter(end: Exclude<JobEnd, { status: 'completed' }>): Leaving {
  const failed = end.status === 'retry' ? 1 : 0;
  const before = { started: 1, failed, lost: 0 };
  return end.status === 'failed'
    ? { before: { ...before, started: 0 } }
    : { before, earlier: end.status === 'retry' ? end.earlier : undefined, delayMs: end.delayMs };
}
