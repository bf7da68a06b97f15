import { setTimeout as delay } from 'node:timers/promises';
import { type TaskEvent, timestampOf } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import { type FinalResult, Roster } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { maskOf } from '@taskwire/tasks/masking';
import { checkpointText, type Failure, failed, furtherTasks, runHere } from '@taskwire/tasks/running';
import type { Attempt, AttemptOutcome } from './attempt.ts';
import { NoteTaker } from './attempt-notes.ts';
import { backoffMs } from './backoff.ts';
import type { Decision } from './decision.ts';
import { cancelledInQueue, cancelledInRun, unknownToWorker } from './failures.ts';
import { ownedBy } from './faults.ts';
import { completedResult, errorResult } from './final-result.ts';
import { jsonOf } from './json-of.ts';
import { checkpointIn, expectKept } from './kept-checkpoint.ts';
import { progressTeller } from './progress.ts';
import { attemptOf, type Run } from './run.ts';
import { runHandler, type Stoppable } from './run-handler.ts';
import type { RunnableTask } from './runnable-tasks.ts';
import type { Lane } from './task-process/lane.ts';
import { runProgram } from './task-process/run-program.ts';
import type { TaskProcesses } from './task-process/task-processes.ts';

export interface ExecutorOptions {
  /** The tasks that this worker runs, by type. */
  tasks: ReadonlyMap<string, RunnableTask>;
  registry: Pick<TaskRegistry, 'explainUnknown'>;
  /** Of a result message. */
  maxBytes: number;
  /** For tasks that must not run in the process of the worker. */
  processes: Pick<TaskProcesses, 'run' | 'inTurn'>;
  /** That of a task which has one. */
  laneOf?: ((task: Run['task']) => Promise<Lane | undefined>) | undefined;
  /** Puts a request where it is durable: a handler asks for a further task. */
  submit: (message: string) => Promise<unknown>;
  /** Publishes an event. */
  tell: (event: TaskEvent) => void;
  logger: Logger;
  /** Aborted when the worker begins to stop, for handlers that can hand their task over. */
  stopping: AbortSignal;
  /** Aborted when the worker's time to stop is up: running attempts are then returned. */
  stopSignal: AbortSignal;
}

/** Longest wait for a handler that ends what its task has begun elsewhere. */
const END_WITHIN_MS = 5000;
/** How long a task waits before a worker takes it again that may know its type. */
const PASS_ON_AFTER_MS = 2000;

/** Turns one run of a task into a decision. It knows neither queue nor Redis: its caller carries out the decision. */
export class Executor {
  readonly #options: ExecutorOptions;
  /** How each running attempt is returned. */
  readonly #stops = new Roster<Stoppable>();

  constructor(options: ExecutorOptions) {
    this.#options = options;
    options.stopSignal.addEventListener('abort', () => {
      for (const { stop } of this.#stops) stop();
    });
  }

  /** Rejects only if a question about the run does. */
  execute(run: Run): Promise<Decision> {
    if (run.stored !== undefined) return Promise.resolve(this.#endedBefore(run.stored));
    if (run.isCancelled) return this.#cancelledBefore(run);
    if (!this.#options.tasks.has(run.task.task_type)) return this.#unknownHere(run);
    return this.#attempt(run);
  }

  #endedBefore(stored: string): Decision {
    const result: FinalResult = JSON.parse(stored);
    const told = { message: stored, isTold: true };
    return result.status === 'completed'
      ? { status: 'completed', result, ...told }
      : { status: 'failed', result, ...told };
  }

  async #cancelledBefore(run: Run): Promise<Decision> {
    const failure = await this.#withLeftOver(run, cancelledInQueue(run.timesStarted));
    return this.#failed({ ...attemptOf(run), number: run.failedAttempts }, failure);
  }

  async #unknownHere(run: Run): Promise<Decision> {
    if (await run.mayBeKnownElsewhere()) return { status: 'returned', delayMs: PASS_ON_AFTER_MS };
    return this.#failed(attemptOf(run), unknownToWorker(this.#options.registry.explainUnknown(run.task.task_type)));
  }

  async #attempt(run: Run): Promise<Decision> {
    const { tasks, tell, submit, processes, stopping, stopSignal, laneOf, logger } = this.#options;
    const task = tasks.get(run.task.task_type) as RunnableTask;
    const attempt = attemptOf(run);
    let hasBegun = false;
    let isPassed = false;
    const keep = async (value: unknown) => {
      const status = await run.keepCheckpoint(checkpointText(value));
      isPassed = status === 'passed';
      expectKept(status);
    };
    const checkpoint = checkpointIn(run.checkpoint);
    const mask = maskOf(task.definition, run.task.parameters);
    const taker = new NoteTaker({ task: run.task, attempt: attempt.number, logger, mask });
    using progress = progressTeller({ tell, show: run.showProgress, task: run.task, mask });
    const timeoutMs = run.task.timeout_ms ?? task.definition.timeoutMs;
    const ended = await runHandler({
      task: run.task,
      timeoutMs,
      takeLine: taker.take,
      mask,
      run: run.watched,
      stopSignal,
      stops: this.#stops,
      handle: (signal, startTime) => {
        const context = {
          attempt: attempt.number,
          timeoutMs,
          signal,
          checkpoint,
          keep,
          progress: progress.tell,
          takeLine: taker.take,
          submit: furtherTasks(run.task, submit),
        };
        const begin = () => {
          hasBegun = true;
          attempt.startedAt = Date.now();
          tell({ ...about(attempt), event: 'started', attempt: attempt.number });
          startTime();
        };
        const { definition, handler } = task;
        if (typeof handler === 'object')
          return ownedBy(undefined, () => runProgram(processes, { definition, program: handler }, run, context, begin));
        // Its code runs elsewhere: a fault here is ours.
        const apart = (lane?: Lane) => ownedBy(undefined, () => processes.run(run, context, begin, lane));
        const here = () => {
          begin();
          return runHere(
            { definition, handler },
            { ...context, ...hostFields(run.task), stopping, logLevel: logger.level },
          );
        };
        const isAlone = run.timesLost > 0 || task.definition.isolated;
        const unlessInTurn = isAlone ? apart : here;
        if (!laneOf) return unlessInTurn();
        return laneOf(run.task).then((lane) => {
          if (lane?.isHere) return processes.inTurn(run, context, lane, unlessInTurn);
          return lane ? apart(lane) : unlessInTurn();
        });
      },
    });
    // The task is another worker's now; so is its result.
    if (isPassed) return { status: 'returned' };
    const outcome = mask && ended.status === 'failed' ? failed(mask.failure(ended.failure)) : ended;
    const failure = outcome.status === 'failed' ? outcome.failure : undefined;
    const notes = taker.notes(attempt.startedAt, failure);
    switch (outcome.status) {
      case 'completed':
        return { notes, ...this.#completed(attempt, outcome) };
      case 'failed': {
        const { code, retryable } = outcome.failure;
        if (code !== 'worker_lost' && (hasBegun || retryable))
          return { notes, ...this.#failedOrRetry(run, attempt, outcome.failure) };
        const counted = { ...attempt, number: run.failedAttempts + (hasBegun ? 1 : 0) };
        return { notes, ...this.#failed(counted, await this.#withLeftOver(run, outcome.failure)) };
      }
      case 'returned':
        return notes.log ? { notes, ...outcome } : outcome;
    }
  }

  /**
   * Of a task that is not run again: its handler is called with its checkpoint and a signal that is aborted already, to end
   * what goes on elsewhere. If it does not say that this has ended, the failure does.
   */
  async #withLeftOver(run: Run, failure: Failure): Promise<Failure> {
    const task = this.#options.tasks.get(run.task.task_type);
    if (typeof task?.handler !== 'function' || run.checkpoint === undefined) return failure;
    const { definition, handler } = task;
    const { number: attempt } = attemptOf(run);
    const mask = maskOf(definition, run.task.parameters);
    const signal = AbortSignal.abort(new DOMException('The task is not run again', 'AbortError'));
    const context = {
      ...hostFields(run.task),
      attempt,
      timeoutMs: END_WITHIN_MS,
      signal,
      checkpoint: checkpointIn(run.checkpoint),
      progress: () => undefined,
      takeLine: new NoteTaker({ task: run.task, attempt, logger: this.#options.logger, mask }).take,
      logLevel: this.#options.logger.level,
      keep: async () => undefined,
      submit: () => Promise.reject(signal.reason),
    };
    const owner = { task_id: run.task.task_id, task_type: run.task.task_type, fail: undefined, mask };
    const ending = ownedBy(owner, () => runHere({ definition, handler }, context));
    const outcome = await Promise.race([ending, delay(END_WITHIN_MS, undefined, { ref: false })]);
    const isOver = outcome && (outcome.status !== 'failed' || outcome.failure.cause === signal.reason);
    if (isOver) return failure;
    const said = outcome?.status === 'failed' ? outcome.failure.error : undefined;
    const why = said === undefined ? '' : `: ${mask?.text(said) ?? said}`;
    return { ...failure, error: `${failure.error}; what it had begun elsewhere may still go on${why}` };
  }

  #completed(attempt: Attempt, outcome: Extract<AttemptOutcome, { status: 'completed' }>): Decision {
    const isText = 'json' in outcome;
    const result = completedResult(attempt, isText ? {} : outcome.result);
    const written = jsonOf(result, {
      taskType: attempt.task.task_type,
      maxBytes: this.#options.maxBytes,
      resultJson: isText ? outcome.json : undefined,
    });
    if (written.status === 'failed') return this.#failed(attempt, written.failure);
    return { status: 'completed', result, message: written.json, isTold: false };
  }

  #failedOrRetry(run: Run, attempt: Attempt, failure: Failure): Decision {
    const { definition } = this.#options.tasks.get(run.task.task_type) as RunnableTask;
    const attempts = run.task.attempts ?? definition.attempts;
    if (!failure.retryable || attempt.number >= attempts) return this.#failed(attempt, failure);
    // Cancelled just after the attempt failed.
    if (run.watched.cancelled) return this.#failed(attempt, cancelledInRun());
    this.#log(attempt, failure, 'an attempt failed and is made again');
    return { status: 'retry', error: failure.error, delayMs: backoffMs(definition, attempt.number) };
  }

  #failed(attempt: Attempt, failure: Failure): Decision {
    this.#log(attempt, failure, 'a task ended in an error');
    const result = errorResult(attempt, failure);
    return { status: 'failed', result, message: JSON.stringify(result), isTold: false };
  }

  /** With the stack, for the author of the task; what is thrown on purpose, as a `PermanentError`, needs none. */
  #log({ task, number }: Attempt, { code, error, cause, retryable, handlerLeftAlone }: Failure, message: string): void {
    const { logger } = this.#options;
    const where = retryable && cause !== undefined ? { err: cause } : { error };
    const which = { task_id: task.task_id, task_type: task.task_type, attempt: number };
    logger.warn({ ...which, error_code: code, ...where }, message);
    if (handlerLeftAlone) logger.warn(which, 'a handler ignores its signal: it was left alone and may still run');
  }
}

function hostFields({ task_id: taskId, user_id: userId, metadata, parameters }: Run['task']) {
  return { taskId, userId, metadata, parameters };
}

function about({ task: { task_id, task_type, user_id }, startedAt }: Attempt) {
  return { task_id, task_type, user_id, timestamp: timestampOf(startedAt) };
}
