import type { JsonObject } from '@taskwire/protocol';
import type { TaskContext, TaskDefinition, TaskHandler } from '@taskwire/tasks';
import type { AttemptOutcome } from './attempt.ts';
import { failureOf, invalidResult } from './failure-of.ts';

/** How long a handler may take to end after its signal was aborted; then it is left alone. */
const ABANDON_AFTER_MS = 5000;

export interface RunHandlerOptions {
  definition: TaskDefinition;
  handler: TaskHandler;
  context: Omit<TaskContext<object>, 'signal'>;
  timeoutMs: number;
  /** Aborted when the worker's time to stop is up: the attempt is then returned to the queue at once. */
  stopSignal: AbortSignal;
}

/** Runs a handler once, within its time. Never throws. */
export async function runHandler(options: RunHandlerOptions): Promise<AttemptOutcome> {
  const { stopSignal, timeoutMs } = options;
  if (stopSignal.aborted) return { status: 'returned' };
  const aborting = new AbortController();
  const ended = Promise.withResolvers<AttemptOutcome>();
  let abandoning: NodeJS.Timeout | undefined;

  const timer = setTimeout(() => {
    const error = `The task did not end within ${timeoutMs} ms`;
    const outcome = { status: 'failed', failure: { code: 'timeout', error, retryable: true } } as const;
    aborting.abort(new DOMException(error, 'TimeoutError'));
    abandoning = setTimeout(() => ended.resolve(outcome), ABANDON_AFTER_MS);
    void handled.then(() => ended.resolve(outcome));
  }, timeoutMs);
  const stop = () => {
    aborting.abort(new DOMException('The worker stops', 'AbortError'));
    ended.resolve({ status: 'returned' });
  };
  stopSignal.addEventListener('abort', stop, { once: true });

  const handled = attempt(options, aborting.signal);
  void handled.then((outcome) => {
    if (!aborting.signal.aborted) ended.resolve(outcome);
  });
  const outcome = await ended.promise;
  clearTimeout(timer);
  clearTimeout(abandoning);
  stopSignal.removeEventListener('abort', stop);
  return outcome;
}

async function attempt(options: RunHandlerOptions, signal: AbortSignal): Promise<AttemptOutcome> {
  const { definition, handler, context } = options;
  try {
    const returned = await (handler as TaskHandler<object>)({ ...context, signal });
    const result = definition.result.safeParse(returned);
    if (!result.success) return { status: 'failed', failure: invalidResult(definition, result.error) };
    return { status: 'completed', result: result.data as JsonObject };
  } catch (thrown) {
    return { status: 'failed', failure: failureOf(thrown) };
  }
}
