import type { Decision, Executor } from '@taskwire/execution';
import type { ServiceMetrics } from '@taskwire/monitoring';
import type { TaskRun } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { AcceptedTask, Announcer, CancelWatch, TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import type { OtherWorkers } from './other-workers.ts';
import type { JobEnd } from './queue-worker.ts';
import type { RunningTasks } from './running-tasks.ts';
import type { JobSeats } from './seats.ts';
import { SharedJobRunner, type SharedJobRunnerOptions } from './shared-job-runner.ts';
import { isShared, type JobTask, runsOf, type TaskJob, type TaskJobReturn, tasksOf } from './task-job.ts';
import { type RunOptions, runOf, toldOf } from './told.ts';

export interface JobRunnerOptions extends Pick<SharedJobRunnerOptions, 'queues' | 'keepCount' | 'signal'> {
  /** This process. */
  instance: string;
  executor: Executor;
  registry: Pick<TaskRegistry, 'get'>;
  store: Pick<TaskStore, 'result' | 'isCancelled' | 'checkpoint' | 'run' | 'keepRun' | 'countDeaths' | 'look' | 'move'>;
  announcer: Pick<Announcer, 'event' | 'final'>;
  /** Tells a run that its task is cancelled. */
  cancelWatch: Pick<CancelWatch, 'enter' | 'leave'>;
  otherWorkers: Pick<OtherWorkers, 'mayKnow'>;
  running: Pick<RunningTasks, 'enter' | 'leave'>;
  metrics: ServiceMetrics;
  logger: Logger;
}

/** Larger results are left out of the job: BullMQ copies a job's return value into its stream of events. */
const MAX_KEPT_LENGTH = 2048;

/** A run of which is decided how the task goes on. */
interface DecidedRun {
  job: TaskJob;
  task: JobTask;
  /** Attempts before it. */
  earlier: TaskRun | undefined;
  endsCheckpoint: boolean;
}

interface AttemptsSoFar extends Omit<RunOptions, 'worker'> {
  delayMs: number | undefined;
}

/** What has happened to a task before its first run. */
const NOTHING = { known: { stored: undefined, isCancelled: false, checkpoint: undefined }, earlier: undefined };

/** Runs the tasks of a job, carries out the decisions, and says how the job goes on. */
export class JobRunner {
  readonly #options: JobRunnerOptions;
  readonly #shared: SharedJobRunner;
  /** By job. */
  readonly #running = new Map<string, Promise<JobEnd>>();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    this.#shared = new SharedJobRunner({ ...options, runTask: (job, task) => this.#runTask(job, task) });
  }

  /**
   * Never throws: without an answer from Redis the task goes back to the queue; otherwise it would never have a result.
   *
   * A job that comes while it runs here has lost its lock, since Redis or this process stood still. BullMQ takes the end of
   * a job only from its latest run, so that joins the one under way.
   *
   * @param seats for its tasks.
   */
  run(job: TaskJob, seats: JobSeats): Promise<JobEnd> {
    const id = job.id as string;
    const running = this.#running.get(id) ?? this.#run(job, seats).finally(() => this.#running.delete(id));
    this.#running.set(id, running);
    return running;
  }

  async #run(job: TaskJob, seats: JobSeats): Promise<JobEnd> {
    if (isShared(job.id)) {
      return this.#shared.run(job, seats).catch((error: unknown) => {
        this.#options.logger.error({ err: error, jobId: job.id }, 'a job goes back to the queue');
        return { status: 'returned' };
      });
    }
    const [task] = tasksOf(job);
    if (!task) return { status: 'failed', reason: 'The job carries no task of taskwire' };
    // It has ended in the job that it shared.
    if (task.before?.failure !== undefined) return { status: 'failed', reason: task.before.failure };
    if (!(await seats.take())) return { status: 'returned' };
    return await this.#runTask(job, task).finally(seats.leave);
  }

  async #runTask(job: TaskJob, task: JobTask): Promise<JobEnd> {
    const { instance, store, cancelWatch, otherWorkers, running, executor, logger } = this.#options;
    const { started, failed, lost: timesLost } = runsOf(job, task);
    // Before the first await: from here on no cancel is missed.
    const watched = cancelWatch.enter(task.task_id);
    const entered = running.enter(task);
    const attempt = { taskId: task.task_id, jobId: job.id as string, start: job.attemptsStarted };
    try {
      // Before the first run of a task only a cancel, just now, can have happened.
      const isFirst = job.attemptsStarted <= 1 && job.stalledCounter === 0 && !task.before;
      const { known, earlier } = isFirst && !watched.heard ? NOTHING : await this.#before(job, task);
      let endsCheckpoint = known.checkpoint !== undefined;
      const decision = await executor.execute({
        task,
        startedAt: Date.now(),
        failedAttempts: failed,
        // BullMQ counts this one, too.
        timesStarted: started - 1,
        timesLost,
        deaths: () => store.countDeaths(task.task_id, { instance, timesLost }),
        mayBeKnownElsewhere: () => otherWorkers.mayKnow(job.queueName, task.task_type),
        watched,
        // It costs a round trip. Bull Board shows percents.
        showProgress: ({ progress, ...told }) => {
          const shown = { progress: Math.round(progress * 100), ...told };
          const all = isShared(job.id) ? { ...(job.progress as object), [task.task_id]: shown } : shown;
          void job.updateProgress(all).catch(() => undefined);
        },
        keepCheckpoint: async (json) => {
          endsCheckpoint = true;
          return (await store.checkpoint(attempt, json)).status;
        },
        ...known,
      });
      return await this.#carryOut(decision, { job, task, earlier, endsCheckpoint });
    } catch (error) {
      logger.error({ err: error, task_id: task.task_id }, 'a task goes back to the queue');
      return { status: 'returned' };
    } finally {
      running.leave(entered);
      cancelWatch.leave(watched);
    }
  }

  /** What happened to the task before this run. */
  async #before(job: TaskJob, { task_id }: AcceptedTask) {
    const { store } = this.#options;
    const jobId = job.id as string;
    const [stored, isCancelled, { checkpoint }, earlier] = await Promise.all([
      store.result(task_id),
      store.isCancelled(task_id, jobId),
      store.checkpoint({ taskId: task_id, jobId, start: job.attemptsStarted }),
      store.run(task_id),
    ]);
    return { known: { stored: stored ?? undefined, isCancelled, checkpoint }, earlier };
  }

  /**
   * A result is stored and published *before* the job is finished: a worker that dies in between leaves a job whose task has
   * its result already, and which is not run again.
   */
  async #carryOut(decision: Decision, { job, task, earlier, endsCheckpoint }: DecidedRun): Promise<JobEnd> {
    const { announcer, registry, metrics, instance: worker } = this.#options;
    switch (decision.status) {
      case 'completed':
      case 'failed': {
        const { result, message, isTold, notes } = decision;
        if (!isTold) {
          const told = toldOf({ task, definition: registry.get(task.task_type), notes, earlier, worker });
          await announcer.final(result, message, task.reply_to, { told, endsCheckpoint });
          // A task that left a shared job had no delay but that of its retry.
          metrics.ended(result, { queue: job.queueName, delayMs: (!task.before && job.opts.delay) || 0 });
        }
        return result.status === 'completed'
          ? { status: 'completed', kept: isShared(job.id) ? {} : keptOf(message) }
          : { status: 'failed', reason: `${result.error_code}: ${result.error}` };
      }
      case 'retry': {
        const { error, delayMs, notes } = decision;
        metrics.retries.inc({ queue: job.queueName, task_type: task.task_type });
        this.#tellRetry(task, { attempt: runsOf(job, task).failed + 1, error, delayMs });
        await this.#keepRun(task, { notes, earlier, delayMs });
        return { status: 'retry', reason: error, delayMs };
      }
      case 'returned': {
        const { notes, ...end } = decision;
        if (notes) await this.#keepRun(task, { notes, earlier, delayMs: end.delayMs });
        return end;
      }
    }
  }

  /** For the next attempt. Nothing depends on it. */
  async #keepRun({ task_id }: AcceptedTask, { delayMs, ...run }: AttemptsSoFar): Promise<void> {
    const { store, instance: worker } = this.#options;
    await store.keepRun(task_id, runOf({ ...run, worker }), delayMs ?? 0).catch(() => undefined);
  }

  #tellRetry(task: AcceptedTask, { delayMs, ...about }: { attempt: number; error: string; delayMs: number }): void {
    const { task_id, task_type, user_id } = task;
    const now = Date.now();
    this.#options.announcer.event({
      task_id,
      task_type,
      user_id,
      timestamp: new Date(now).toISOString(),
      event: 'retrying',
      ...about,
      next_attempt_at: new Date(now + delayMs).toISOString(),
    });
  }
}

/** @param message the whole result as JSON: a little longer than the field `result` alone. */
function keptOf(message: string): TaskJobReturn {
  return message.length <= MAX_KEPT_LENGTH
    ? JSON.parse(message).result
    : { stored: 'the result is too long to be kept here' };
}
