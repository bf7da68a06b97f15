import { FORGET_TASK_AFTER_S } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import { type TaskStore, untilDone } from '@taskwire/store';
import type { JobEnd } from './queue-worker.ts';
import type { TaskQueue } from './queues.ts';
import type { JobSeats } from './seats.ts';
import {
  type CarriedTask,
  carriedTasks,
  type JobTask,
  type Leaving,
  ownJobFor,
  ownJobId,
  type TaskJob,
  tasksOf,
} from './task-job.ts';

export interface SharedJobRunnerOptions {
  queues: ReadonlyMap<string, Pick<TaskQueue, 'addBulk' | 'isLimited' | 'tellEnded' | 'keep'>>;
  store: Pick<TaskStore, 'look' | 'move'>;
  /** Runs one of the tasks, and says how it goes on. Never throws. */
  runTask: (job: TaskJob, task: JobTask) => Promise<JobEnd>;
  /** Completed tasks that are kept. */
  keepCount: number;
  logger: Logger;
  /** Aborted when there is no more time to wait for Redis. */
  signal: AbortSignal;
}

/** How often it is told how many tasks of a job have ended while others go on. */
const TELL_INTERVAL_MS = 1000;

/**
 * Runs a job that several light tasks share. Each task that does not simply complete leaves it for a job of its own, so
 * that it is seen, cancelled and retried alone; so does each for which this worker has no place. A shared job that comes back, from a dead
 * worker or one that stopped, is not run: all of its open tasks leave.
 */
export class SharedJobRunner {
  readonly #options: SharedJobRunnerOptions;
  /** Completed tasks since the last look how many are kept. */
  #completed = 0;

  constructor(options: SharedJobRunnerOptions) {
    this.#options = options;
  }

  /** @throws what Redis does: then the job is to go back to its queue. */
  async run(job: TaskJob, seats: JobSeats): Promise<JobEnd> {
    const { runTask, queues } = this.#options;
    const queue = queues.get(job.queueName);
    const carried = carriedTasks(job.data);
    const tasks = tasksOf(job);
    const isFirst = job.attemptsStarted <= 1 && job.stalledCounter === 0;
    const [open, isLimited] = await Promise.all([this.#open(job, tasks, isFirst), queue?.isLimited()]);
    for (let ended = open.size; ended < tasks.length; ended += 1) seats.done();
    const here: number[] = [];
    const leaving: number[] = [];
    for (const [index, isHere] of open) (isHere && isFirst && !isLimited ? here : leaving).push(index);
    const leave = async (indices: readonly number[], how: Leaving) => {
      await this.#leave(
        job,
        indices.map((index) => carried[index] as CarriedTask),
        how,
      );
      for (const _ of indices) seats.done();
    };
    const before = { started: isFirst ? 0 : 1, failed: 0, lost: job.stalledCounter };

    let ended = 0;
    const telling = setInterval(() => void queue?.tellEnded(job, ended), TELL_INTERVAL_MS).unref();
    const placeless: number[] = [];
    const left = Promise.withResolvers<void>();
    const outcomes = await Promise.allSettled([
      leave(leaving, { before }),
      ...here.map(async (index) => {
        if (!(await seats.take())) {
          // All of them at once, which keeps their order.
          if (placeless.push(index) === 1)
            setImmediate(() => leave(placeless, { before }).then(left.resolve, left.reject));
          return left.promise;
        }
        try {
          const end = await runTask(job, tasks[index] as JobTask);
          if (end.status !== 'completed') return leave([index], leavingAfter(end));
        } finally {
          seats.leave();
        }
        ended += 1;
        seats.done();
      }),
    ]);
    clearInterval(telling);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    this.#keep(queue, ended);
    return { status: 'completed', kept: {} };
  }

  /** The places of the tasks that have not ended, and whether they still belong to this job alone. */
  async #open(job: TaskJob, tasks: readonly JobTask[], isFirst: boolean): Promise<Map<number, boolean>> {
    const { store } = this.#options;
    const ids = tasks.map(({ task_id }) => task_id);
    // An open task is known for so long: one that is not has ended, and its result has expired.
    const isOld = Date.now() - job.timestamp > FORGET_TASK_AFTER_S * 1000;
    // Nearly always.
    if (isFirst && !isOld && job.isWhole) return new Map(ids.map((_, index) => [index, true]));
    const looks = await store.look(ids);
    const open = new Map<number, boolean>();
    for (const [index, { task_id }] of tasks.entries()) {
      const { jobId = isOld ? job.id : undefined, hasEnded = true } = looks[index] ?? {};
      const isHere = jobId === job.id;
      // Else its id belongs to a later task.
      if (!hasEnded && (isHere || jobId === ownJobId(task_id, job.id as string))) open.set(index, isHere);
    }
    return open;
  }

  /** Gives tasks jobs of their own. They are noted as theirs first: whoever is cut off in between adds the same ones again. */
  async #leave(job: TaskJob, tasks: readonly CarriedTask[], how: Leaving): Promise<void> {
    const { queues, store, logger, signal } = this.#options;
    if (tasks.length === 0) return;
    const jobs = new Map(tasks.map(({ task_id }) => [task_id, ownJobId(task_id, job.id as string)]));
    const leave = async () => {
      const moved = new Set(await store.move(job.id as string, jobs));
      const own = tasks.filter(({ task_id }) => moved.has(task_id)).map((task) => ownJobFor(job, task, how));
      // The one that is added last is the next one.
      if (own.length > 0) await queues.get(job.queueName)?.addBulk(own.reverse());
    };
    await untilDone(leave, { what: 'Redis did not take the jobs of tasks; adding them again', logger, signal });
  }

  /** BullMQ keeps so many jobs. */
  #keep(queue: Pick<TaskQueue, 'keep'> | undefined, completed: number): void {
    const { keepCount, logger } = this.#options;
    this.#completed += completed;
    if (this.#completed < keepCount / 10) return;
    this.#completed = 0;
    queue
      ?.keep(keepCount)
      .catch((error: unknown) => logger.debug({ err: error }, 'completed jobs could not be removed'));
  }
}

function leavingAfter(end: Exclude<JobEnd, { status: 'completed' }>): Leaving {
  const before = { started: 1, failed: 0, lost: 0 };
  switch (end.status) {
    case 'failed':
      return { before: { ...before, failure: end.reason } };
    case 'retry':
      return { before: { ...before, failed: 1 }, delayMs: end.delayMs };
    case 'returned':
      return { before, delayMs: end.delayMs };
  }
}
