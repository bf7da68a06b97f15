import type { Roster, WatchedRun } from '@taskwire/store';
import { MayStillRunError } from '@taskwire/tasks';
import type { SecretMask } from '@taskwire/tasks/masking';
import { type Failure, failed, failureOf, type LogLine, messageOf } from '@taskwire/tasks/running';
import type { AttemptOutcome } from './attempt.ts';
import { cancelledInRun, leftAlone, timedOut } from './failures.ts';
import { type FaultOwner, ownedBy } from './faults.ts';
import type { Named } from './final-result.ts';

/** How long a handler may take to end after its signal was aborted; then the worker stops waiting for it. */
const ABANDON_AFTER_MS = 5000;

/** An attempt that can be returned to its queue at once. */
export interface Stoppable {
  /** Among all. */
  place: number;
  stop: () => void;
}

export interface RunHandlerOptions {
  task: Named;
  /** Runs the handler. The time limit counts from the call of `begin`. */
  handle: (signal: AbortSignal, begin: () => void) => Promise<AttemptOutcome>;
  timeoutMs: number;
  /** Takes what it prints. Default: nobody. */
  takeLine?: (line: LogLine) => void;
  mask?: SecretMask | undefined;
  /** Says when the task is cancelled. */
  run: Pick<WatchedRun, 'cancelled' | 'onCancel'>;
  /** Aborted when the worker's time to stop is up: the attempt is then returned to the queue at once. */
  stopSignal: AbortSignal;
  /** What is called then: one listener of the signal serves all attempts. */
  stops: Roster<Stoppable>;
}

/**
 * Runs a handler once, within its time. Once aborted it has failed, whatever the handler still returns or throws.
 * Rejects only if `handle` does.
 */
export async function runHandler(options: RunHandlerOptions): Promise<AttemptOutcome> {
  const { task, run, stopSignal, stops, timeoutMs } = options;
  if (run.cancelled) return failed(cancelledInRun());
  if (stopSignal.aborted) return { status: 'returned' };
  const aborting = new AbortController();
  const ended = Promise.withResolvers<AttemptOutcome>();
  /** Why it was aborted. */
  let verdict: Failure | undefined;
  let timer: NodeJS.Timeout | undefined;
  let abandoning: NodeJS.Timeout | undefined;

  const abort = (failure: Failure, reason: 'TimeoutError' | 'AbortError') => {
    clearTimeout(timer);
    verdict = failure;
    // What its listeners throw is thrown by the attempt.
    ownedBy(owner, () => aborting.abort(new DOMException(failure.error, reason)));
    abandoning ??= setTimeout(() => {
      ended.resolve(failed(leftAlone(verdict ?? failure, ABANDON_AFTER_MS)));
    }, ABANDON_AFTER_MS);
  };
  const owner: FaultOwner = {
    task_id: task.task_id,
    task_type: task.task_type,
    takeLine: options.takeLine,
    mask: options.mask,
    // At once: code that failed in a callback seldom ends by itself.
    fail: (thrown) => {
      if (verdict) return;
      const failure = failureOf(thrown);
      abort(failure, 'AbortError');
      ended.resolve(failed(failure));
    },
  };
  const begin = () => {
    clearTimeout(timer);
    if (!verdict) timer = setTimeout(() => abort(timedOut(timeoutMs), 'TimeoutError'), timeoutMs);
  };
  // Also after a timeout: a cancelled task must not be tried again.
  run.onCancel = () => abort(cancelledInRun(), 'AbortError');
  const stop = () => {
    ownedBy(owner, () => aborting.abort(new DOMException('The worker stops', 'AbortError')));
    ended.resolve(run.cancelled && verdict ? failed(verdict) : { status: 'returned' });
  };
  const entry = { place: 0, stop };
  stops.enter(entry);

  ownedBy(owner, () => options.handle(aborting.signal, begin)).then(
    (outcome) => ended.resolve(verdict ? failed(aborted(verdict, outcome)) : outcome),
    (thrown: unknown) => (verdict ? ended.resolve(failed(verdict)) : ended.reject(thrown)),
  );
  try {
    return await ended.promise;
  } finally {
    owner.fail = undefined;
    clearTimeout(timer);
    clearTimeout(abandoning);
    stops.leave(entry);
    run.onCancel = undefined;
  }
}

/** Why it was aborted, and what the handler says of that. */
function aborted(verdict: Failure, outcome: AttemptOutcome): Failure {
  const cause = outcome.status === 'failed' ? outcome.failure.cause : undefined;
  return cause instanceof MayStillRunError
    ? // Two of it must not run beside each other.
      { ...verdict, cause, retryable: false, error: `${verdict.error}; ${messageOf(cause)}` }
    : verdict;
}
