import type { JsonObject } from '@taskwire/protocol';
import type { WatchedRun } from '@taskwire/store';
import type { TaskContext, TaskDefinition, TaskHandler } from '@taskwire/tasks';
import type { AttemptOutcome, Failure } from './attempt.ts';
import { cancelledInRun, failureOf, invalidResult, leftAlone, timedOut } from './failure-of.ts';

/** How long a handler may take to end after its signal was aborted; then the worker stops waiting for it. */
const ABANDON_AFTER_MS = 5000;

export interface RunHandlerOptions {
  definition: TaskDefinition;
  handler: TaskHandler;
  context: Omit<TaskContext<object>, 'signal' | 'timeoutMs'>;
  timeoutMs: number;
  /** Says when the task is cancelled. */
  run: Pick<WatchedRun, 'cancelled' | 'onCancel'>;
  /** Aborted when the worker's time to stop is up: the attempt is then returned to the queue at once. */
  stopSignal: AbortSignal;
}

/**
 * Runs a handler once, within its time. Once aborted it has failed, whatever the handler still returns or throws.
 * Never throws.
 */
export async function runHandler(options: RunHandlerOptions): Promise<AttemptOutcome> {
  const { run, stopSignal, timeoutMs } = options;
  if (run.cancelled) return failed(cancelledInRun());
  if (stopSignal.aborted) return { status: 'returned' };
  const aborting = new AbortController();
  const ended = Promise.withResolvers<AttemptOutcome>();
  /** Why it was aborted. */
  let verdict: Failure | undefined;
  let abandoning: NodeJS.Timeout | undefined;

  const abort = (failure: Failure, reason: 'TimeoutError' | 'AbortError') => {
    verdict = failure;
    aborting.abort(new DOMException(failure.error, reason));
    abandoning ??= setTimeout(() => {
      ended.resolve(failed(leftAlone(verdict ?? failure, ABANDON_AFTER_MS)));
    }, ABANDON_AFTER_MS);
  };
  const timer = setTimeout(() => abort(timedOut(timeoutMs), 'TimeoutError'), timeoutMs);
  run.onCancel = () => {
    clearTimeout(timer);
    // Also after a timeout: a cancelled task must not be tried again.
    abort(cancelledInRun(), 'AbortError');
  };
  const stop = () => {
    aborting.abort(new DOMException('The worker stops', 'AbortError'));
    ended.resolve(run.cancelled && verdict ? failed(verdict) : { status: 'returned' });
  };
  stopSignal.addEventListener('abort', stop, { once: true });

  void attempt(options, aborting.signal).then((outcome) => ended.resolve(verdict ? failed(verdict) : outcome));
  const outcome = await ended.promise;
  clearTimeout(timer);
  clearTimeout(abandoning);
  stopSignal.removeEventListener('abort', stop);
  run.onCancel = undefined;
  return outcome;
}

function failed(failure: Failure): AttemptOutcome {
  return { status: 'failed', failure };
}

async function attempt(options: RunHandlerOptions, signal: AbortSignal): Promise<AttemptOutcome> {
  const { definition, handler, context, timeoutMs } = options;
  try {
    const returned = await (handler as TaskHandler<object>)({ ...context, timeoutMs, signal });
    const result = definition.result.safeParse(returned);
    if (!result.success) return failed(invalidResult(definition, result.error));
    return { status: 'completed', result: result.data as JsonObject };
  } catch (thrown) {
    return failed(failureOf(thrown));
  }
}
