/** An engine that has not stopped by then is left to stop on its own. */
const GRACE_MS = 100;
const INTERRUPT_AGAIN_AFTER_MS = 20;

export interface InterruptibleOptions<T> {
  /** What runs in the engine. */
  work: Promise<T>;
  /** Asks the engine to stop, after which `work` soon rejects. Called more than once. */
  interrupt: () => void;
  signal: AbortSignal;
}

/**
 * The outcome of `work`, or a rejection with the signal's reason at most 100 ms after the abort.
 *
 * The rejection waits that long for the engine, so that as a rule nothing runs any more when the caller hears of it. The
 * interrupt is repeated, because one that arrives between two steps of the engine is lost.
 */
export async function interruptible<T>({ work, interrupt, signal }: InterruptibleOptions<T>): Promise<T> {
  const overdue = Promise.withResolvers<never>();
  let again: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;
  const onAbort = () => {
    interrupt();
    again = setInterval(interrupt, INTERRUPT_AGAIN_AFTER_MS);
    grace = setTimeout(() => overdue.reject(signal.reason), GRACE_MS);
  };
  const stopWatching = () => {
    signal.removeEventListener('abort', onAbort);
    clearInterval(again);
    clearTimeout(grace);
  };

  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  work.then(stopWatching, stopWatching);
  try {
    const outcome = await Promise.race([work, overdue.promise]);
    signal.throwIfAborted();
    return outcome;
  } catch (thrown) {
    throw signal.aborted ? signal.reason : thrown;
  }
}
