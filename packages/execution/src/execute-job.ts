import type { Config } from '@taskwire/config';
import type { ServiceMetrics } from '@taskwire/monitoring';
import { type JsonObject, resultKey, type TaskResult } from '@taskwire/protocol';
import { type AcceptedTask, type TaskJob, type TaskJobReturn, taskOf } from '@taskwire/queue';
import type { Logger } from '@taskwire/service';
import type { Announcer, Cancellations, CancelWatch, FinalResult, WatchedRun } from '@taskwire/store';
import { PermanentError, type TaskDefinition, type TaskHandler, type TaskRegistry } from '@taskwire/tasks';
import { UnrecoverableError, WaitingError } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Failure } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import { checkParameters } from './check-parameters.ts';
import {
  cancelledInQueue,
  cancelledInRun,
  notJson,
  resultTooLarge,
  unknownToWorker,
  workerLost,
} from './failure-of.ts';
import { type Attempt, completedResult, errorResult } from './final-result.ts';
import { runHandler } from './run-handler.ts';

/** A failed attempt that BullMQ is to try again after `delayMs`. */
export class RetryLater extends Error {
  readonly delayMs: number;

  constructor(error: string, delayMs: number) {
    super(error);
    this.name = 'RetryLater';
    this.delayMs = delayMs;
  }
}

export interface RunnableTask {
  definition: TaskDefinition;
  handler: TaskHandler;
}

/** One run of a job, and what it needs. */
export interface Execution {
  job: TaskJob;
  /** BullMQ's proof that this worker holds the job. */
  token: string | undefined;
  /** Undefined when the worker does not know the job's task type. */
  task: RunnableTask | undefined;
  registry: TaskRegistry;
  config: Config;
  redis: Redis;
  announcer: Announcer;
  /** Where the run is told that its task is cancelled. */
  cancelWatch: Pick<CancelWatch, 'enter'>;
  cancellations: Pick<Cancellations, 'includes'>;
  metrics: ServiceMetrics;
  logger: Logger;
  stopSignal: AbortSignal;
}

const MAX_PROGRESS_MESSAGE_LENGTH = 1000;
const SHOW_PROGRESS_INTERVAL_MS = 1000;

/** A larger result is left out of the job: BullMQ copies a job's return value into its stream of events. */
const MAX_RETURN_LENGTH = 2048;

/**
 * Runs the task of a job and announces how it went. A result is stored and published *before* the job is finished:
 * a worker that dies in between leaves a job whose task has its result already, and which is not run again.
 *
 * @returns what the finished job keeps.
 * @throws RetryLater, or BullMQ's own errors for a job that has failed or goes back to the queue.
 */
export async function executeJob(execution: Execution): Promise<TaskJobReturn> {
  // Before anything is awaited: from here on nothing said of the task is missed.
  using run = execution.cancelWatch.enter(execution.job.data.task_id);
  try {
    return await execute(execution, run);
  } catch (error) {
    if (DECISIONS.some((decision) => error instanceof decision)) throw error;
    // Redis did not answer, say. BullMQ would fail the job, and its task would never have a result.
    execution.logger.error({ err: error, task_id: execution.job.data.task_id }, 'a task goes back to the queue');
    await execution.job.moveToWait(execution.token);
    throw new WaitingError();
  }
}

/** What is thrown to tell BullMQ how a job goes on. */
const DECISIONS = [RetryLater, UnrecoverableError, WaitingError];

async function execute(execution: Execution, watched: WatchedRun): Promise<TaskJobReturn> {
  const { job, config, task, registry } = execution;
  const attempt: Attempt = { task: taskOf(job), number: job.attemptsMade + 1, startedAt: Date.now() };
  const timesStarted = job.attemptsStarted - 1;
  // Of the first run of a task nothing can have happened before, but that it was cancelled just now.
  if (timesStarted > 0 || job.stalledCounter > 0 || watched.heard) {
    const [stored, cancelled] = await Promise.all([
      execution.redis.get(resultKey(config.redis.key_prefix, job.data.task_id)),
      execution.cancellations.includes(job.data.task_id, job.id as string),
    ]);
    if (stored !== null) return finishAgain(JSON.parse(stored));
    if (cancelled) return fail(execution, { ...attempt, number: job.attemptsMade }, cancelledInQueue(timesStarted));
    if (job.stalledCounter > config.jobs.max_lost) {
      const lost = { ...attempt, number: job.attemptsMade + job.stalledCounter };
      return fail(execution, lost, workerLost(job.stalledCounter));
    }
  }
  if (!task) return fail(execution, attempt, unknownToWorker(registry.explainUnknown(job.name)));
  const outcome = await run(execution, task, attempt, watched);
  switch (outcome.status) {
    case 'completed':
      return complete(execution, attempt, outcome.result);
    case 'failed': {
      const attempts = attempt.task.attempts ?? task.definition.attempts;
      if (!outcome.failure.retryable || attempt.number >= attempts) return fail(execution, attempt, outcome.failure);
      // Just after it had failed.
      if (watched.cancelled) return fail(execution, attempt, cancelledInRun());
      // BullMQ asks the job whether to try again. Put here, not when the job is added: most tasks never need it.
      Object.assign(job.opts, { attempts, backoff: { type: 'taskwire' } });
      return retry(execution, attempt, outcome.failure, backoffMs(task.definition, attempt.number));
    }
    case 'returned':
      await job.moveToWait(execution.token);
      throw new WaitingError();
  }
}

async function run(
  { announcer, job, stopSignal }: Execution,
  { definition, handler }: RunnableTask,
  attempt: Attempt,
  watched: WatchedRun,
) {
  const accepted = attempt.task;
  announcer.event({ ...about(accepted, attempt.startedAt), event: 'started', attempt: attempt.number });
  const checked = checkParameters(definition, accepted.parameters);
  if (checked.status === 'invalid') return { status: 'failed', failure: checked.failure } as const;
  let ended = false;
  let shownAt = 0;
  const progress = (fraction: number, message?: string) => {
    // A handler that was left alone, or a timer that it left behind, has nothing more to tell.
    if (ended) return;
    const now = Date.now();
    const told = {
      progress: Math.min(1, Math.max(0, fraction)) || 0,
      ...(message !== undefined && { message: String(message).slice(0, MAX_PROGRESS_MESSAGE_LENGTH) }),
    };
    announcer.event({ ...about(accepted, now), event: 'progress', ...told });
    if (now - shownAt < SHOW_PROGRESS_INTERVAL_MS) return;
    shownAt = now;
    // For whoever looks at the job in Bull Board. It costs a round trip, and nothing depends on it.
    job.updateProgress(told).catch(() => undefined);
  };
  const outcome = await runHandler({
    definition,
    handler,
    timeoutMs: accepted.timeout_ms ?? definition.timeoutMs,
    run: watched,
    stopSignal,
    context: { parameters: checked.parameters, taskId: accepted.task_id, attempt: attempt.number, progress },
  });
  ended = true;
  return outcome;
}

async function complete(execution: Execution, attempt: Attempt, result: JsonObject): Promise<TaskJobReturn> {
  const final = completedResult(attempt, result);
  const maxBytes = execution.config.results.max_bytes;
  let message: string;
  try {
    message = JSON.stringify(final);
  } catch (error) {
    // V8's words for JSON that is longer than a string can be; another RangeError comes of nesting too deep to write.
    const tooLong = error instanceof RangeError && error.message === 'Invalid string length';
    return fail(execution, attempt, tooLong ? resultTooLarge(undefined, maxBytes) : notJson(attempt.task.task_type));
  }
  const bytes = Buffer.byteLength(message);
  if (bytes > maxBytes) return fail(execution, attempt, resultTooLarge(bytes, maxBytes));
  await announce(execution, final, message);
  return returnValue(result, bytes);
}

async function fail(execution: Execution, attempt: Attempt, failure: Failure): Promise<never> {
  logFailure(execution, attempt, failure, 'a task ended in an error');
  const final = errorResult(attempt, failure);
  await announce(execution, final, JSON.stringify(final));
  throw new UnrecoverableError(`${failure.code}: ${failure.error}`);
}

async function announce({ announcer, metrics, job }: Execution, final: FinalResult, message: string): Promise<void> {
  await announcer.final(final, message, job.data.reply_to);
  metrics.ended(final, { queue: job.queueName, delayMs: job.opts.delay ?? 0 });
}

function retry(execution: Execution, attempt: Attempt, failure: Failure, delayMs: number): never {
  logFailure(execution, attempt, failure, 'an attempt failed and is made again');
  const { task, number } = attempt;
  const { error } = failure;
  execution.metrics.retries.inc({ queue: execution.job.queueName, task_type: task.task_type });
  const now = Date.now();
  const next_attempt_at = new Date(now + delayMs).toISOString();
  execution.announcer.event({ ...about(task, now), event: 'retrying', attempt: number, error, next_attempt_at });
  throw new RetryLater(error, delayMs);
}

/** Whoever wrote the task wants to see where it threw; nobody else does. */
function logFailure({ logger }: Execution, { task, number }: Attempt, failure: Failure, message: string): void {
  const { code, error, cause } = failure;
  const where = cause instanceof PermanentError || cause === undefined ? { error } : { err: cause };
  const which = { task_id: task.task_id, task_type: task.task_type, attempt: number };
  logger.warn({ ...which, error_code: code, ...where }, message);
  if (failure.handlerLeftAlone) logger.warn(which, 'a handler ignores its signal: it was left alone and may still run');
}

/** Finishes a job whose task got its result in a run that did not live to finish the job. */
function finishAgain(stored: TaskResult): TaskJobReturn {
  if (stored.status === 'error') throw new UnrecoverableError(`${stored.error_code}: ${stored.error}`);
  return returnValue(stored.result, JSON.stringify(stored.result).length);
}

function returnValue(result: JsonObject, bytes: number): TaskJobReturn {
  return bytes <= MAX_RETURN_LENGTH ? result : { stored: 'the result is too long to be kept here' };
}

function about({ task_id, task_type, user_id }: AcceptedTask, at: number) {
  return { task_id, task_type, user_id, timestamp: new Date(at).toISOString() };
}
