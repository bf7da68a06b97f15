import { setTimeout as delay } from 'node:timers/promises';
import { type FinalResult, Roster } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { type Failure, failed, runHere } from '@taskwire/tasks/running';
import type { Attempt, AttemptOutcome } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import type { Decision } from './decision.ts';
import { cancelledInQueue, cancelledInRun, unknownToWorker } from './failures.ts';
import { ownedBy } from './faults.ts';
import { completedResult, errorResult } from './final-result.ts';
import { jsonOf } from './json-of.ts';
import { OngoingAttempt, type OngoingAttemptOptions } from './ongoing-attempt.ts';
import { attemptOf, type Run } from './run.ts';
import { runHandler, type Stoppable } from './run-handler.ts';
import type { RunnableTask } from './runnable-tasks.ts';
import type { Lane } from './task-process/lane.ts';
import { runProgram } from './task-process/run-program.ts';
import type { TaskProcesses } from './task-process/task-processes.ts';

export interface ExecutorOptions extends OngoingAttemptOptions {
  /** The tasks that this worker runs, by type. */
  tasks: ReadonlyMap<string, RunnableTask>;
  registry: Pick<TaskRegistry, 'explainUnknown'>;
  /** Of a result message. */
  maxBytes: number;
  /** For tasks that must not run in the process of the worker. */
  processes: Pick<TaskProcesses, 'run' | 'inTurn'>;
  /** That of a task which has one. */
  laneOf?: ((task: Run['task']) => Promise<Lane | undefined>) | undefined;
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
    const task = this.#options.tasks.get(run.task.task_type) as RunnableTask;
    const ongoing = new OngoingAttempt(run, task.definition, this.#options);
    const { made: attempt, mask, timeoutMs, takeLine } = ongoing;
    const ended = await runHandler({
      task: run.task,
      timeoutMs,
      takeLine,
      mask,
      run: run.watched,
      stopSignal: this.#options.stopSignal,
      stops: this.#stops,
      handle: (signal, startTime) => this.#handle(run, task, ongoing.within(signal, startTime)),
    });
    ongoing.isOver = true;
    if (ongoing.isPassed) return { status: 'returned' };
    const { hasBegun } = ongoing;
    const outcome = mask && ended.status === 'failed' ? failed(mask.failure(ended.failure)) : ended;
    const failure = outcome.status === 'failed' ? outcome.failure : undefined;
    const notes = ongoing.notes(failure);
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

  #handle(run: Run, { definition, handler }: RunnableTask, host: OngoingAttempt): Promise<AttemptOutcome> {
    const { processes, laneOf } = this.#options;
    if (typeof handler === 'object')
      return ownedBy(undefined, () => runProgram(processes, { definition, program: handler }, run, host, host.begin));
    // Its code runs elsewhere: a fault here is ours.
    const apart = (lane?: Lane) => ownedBy(undefined, () => processes.run(run, host, host.begin, lane));
    const here = () => {
      host.begin();
      return runHere({ definition, handler }, host);
    };
    const unlessInTurn = run.timesLost > 0 || definition.isolated ? apart : here;
    if (!laneOf) return unlessInTurn();
    return laneOf(run.task).then((lane) => {
      if (lane?.isHere) return processes.inTurn(run, host, lane, unlessInTurn);
      return lane ? apart(lane) : unlessInTurn();
    });
  }

  /**
   * Of a task that is not run again: its handler is called with its checkpoint and a signal that is aborted already, to end
   * what goes on elsewhere. If it does not say that this has ended, the failure does.
   */
  async #withLeftOver(run: Run, failure: Failure): Promise<Failure> {
    const task = this.#options.tasks.get(run.task.task_type);
    if (typeof task?.handler !== 'function' || run.checkpoint === undefined) return failure;
    const { definition, handler } = task;
    const ongoing = new OngoingAttempt(run, definition, this.#options);
    const { mask } = ongoing;
    const signal = AbortSignal.abort(new DOMException('The task is not run again', 'AbortError'));
    const host = {
      ...ongoing,
      timeoutMs: END_WITHIN_MS,
      signal,
      stopping: undefined,
      progress: () => undefined,
      keep: async () => undefined,
      submit: () => Promise.reject(signal.reason),
    };
    const owner = { task_id: run.task.task_id, task_type: run.task.task_type, fail: undefined, mask };
    const ending = ownedBy(owner, () => runHere({ definition, handler }, host));
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
