import type { TaskEvent } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { FinalResult } from '@taskwire/store';
import { PermanentError, type TaskRegistry } from '@taskwire/tasks';
import type { Attempt, Failure } from './attempt.ts';
import { backoffMs } from './backoff.ts';
import { checkParameters } from './check-parameters.ts';
import type { Decision } from './decision.ts';
import {
  cancelledInQueue,
  cancelledInRun,
  notJson,
  resultTooLarge,
  unknownToWorker,
  workerLost,
} from './failure-of.ts';
import { completedResult, errorResult } from './final-result.ts';
import { progressTeller } from './progress.ts';
import { attemptOf, type Run } from './run.ts';
import { runHandler } from './run-handler.ts';
import type { RunnableTask } from './runnable-tasks.ts';

export interface ExecutorOptions {
  /** The tasks that this worker runs, by type. */
  tasks: ReadonlyMap<string, RunnableTask>;
  registry: Pick<TaskRegistry, 'explainUnknown'>;
  /** `maxLost`: how often a task may lose its worker; `maxBytes`: of a result message. */
  limits: { maxLost: number; maxBytes: number };
  /** Publishes an event. */
  tell: (event: TaskEvent) => void;
  logger: Logger;
  /** Aborted when the worker's time to stop is up: running attempts are then returned. */
  stopSignal: AbortSignal;
}

/** Turns one run of a task into a decision. It knows neither queue nor Redis: its caller carries out the decision. */
export class Executor {
  readonly #options: ExecutorOptions;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Each step either decides, or leaves it to the next one. Never throws. */
  async execute(run: Run): Promise<Decision> {
    return (
      this.#endedBefore(run) ??
      this.#cancelledBefore(run) ??
      this.#lostTooOften(run) ??
      this.#unknownHere(run) ??
      this.#attempt(run)
    );
  }

  #endedBefore({ stored }: Run): Decision | undefined {
    if (stored === undefined) return undefined;
    const result: FinalResult = JSON.parse(stored);
    const told = { message: stored, isTold: true };
    return result.status === 'completed'
      ? { status: 'completed', result, ...told }
      : { status: 'failed', result, ...told };
  }

  #cancelledBefore(run: Run): Decision | undefined {
    if (!run.isCancelled) return undefined;
    return this.#failed({ ...attemptOf(run), number: run.failedAttempts }, cancelledInQueue(run.timesStarted));
  }

  #lostTooOften(run: Run): Decision | undefined {
    if (run.timesLost <= this.#options.limits.maxLost) return undefined;
    const lost = { ...attemptOf(run), number: run.failedAttempts + run.timesLost };
    return this.#failed(lost, workerLost(run.timesLost));
  }

  #unknownHere(run: Run): Decision | undefined {
    const { tasks, registry } = this.#options;
    const { task_type } = run.task;
    if (tasks.has(task_type)) return undefined;
    return this.#failed(attemptOf(run), unknownToWorker(registry.explainUnknown(task_type)));
  }

  async #attempt(run: Run): Promise<Decision> {
    const { tasks, tell } = this.#options;
    const task = tasks.get(run.task.task_type) as RunnableTask;
    const attempt = attemptOf(run);
    tell({ ...about(attempt), event: 'started', attempt: attempt.number });
    const checked = checkParameters(task.definition, run.task.parameters);
    if (checked.status === 'invalid') return this.#failed(attempt, checked.failure);
    using progress = progressTeller({ tell, show: run.showProgress, task: run.task });
    const outcome = await runHandler({
      ...task,
      timeoutMs: run.task.timeout_ms ?? task.definition.timeoutMs,
      run: run.watched,
      stopSignal: this.#options.stopSignal,
      context: {
        parameters: checked.parameters,
        taskId: run.task.task_id,
        attempt: attempt.number,
        progress: progress.tell,
      },
    });
    switch (outcome.status) {
      case 'completed':
        return this.#completed(attempt, outcome.result);
      case 'failed':
        return this.#failedOrRetry(run, task, outcome.failure);
      case 'returned':
        return outcome;
    }
  }

  #completed(attempt: Attempt, value: Parameters<typeof completedResult>[1]): Decision {
    const { maxBytes } = this.#options.limits;
    const result = completedResult(attempt, value);
    let message: string;
    try {
      message = JSON.stringify(result);
    } catch (error) {
      // V8's words for JSON that is longer than a string can be; too deep nesting is another RangeError.
      const tooLong = error instanceof RangeError && error.message === 'Invalid string length';
      return this.#failed(attempt, tooLong ? resultTooLarge(undefined, maxBytes) : notJson(attempt.task.task_type));
    }
    const bytes = Buffer.byteLength(message);
    if (bytes > maxBytes) return this.#failed(attempt, resultTooLarge(bytes, maxBytes));
    return { status: 'completed', result, message, isTold: false };
  }

  #failedOrRetry(run: Run, { definition }: RunnableTask, failure: Failure): Decision {
    const attempt = attemptOf(run);
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

  /** With the stack, for the author of the task; a `PermanentError` is expected and needs none. */
  #log({ task, number }: Attempt, { code, error, cause, handlerLeftAlone }: Failure, message: string): void {
    const { logger } = this.#options;
    const where = cause instanceof PermanentError || cause === undefined ? { error } : { err: cause };
    const which = { task_id: task.task_id, task_type: task.task_type, attempt: number };
    logger.warn({ ...which, error_code: code, ...where }, message);
    if (handlerLeftAlone) logger.warn(which, 'a handler ignores its signal: it was left alone and may still run');
  }
}

function about({ task: { task_id, task_type, user_id }, startedAt }: Attempt) {
  return { task_id, task_type, user_id, timestamp: new Date(startedAt).toISOString() };
}
