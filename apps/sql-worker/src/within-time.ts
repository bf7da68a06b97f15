import { LimitError, MayStillRunError } from '@taskwire/tasks';

export interface WithinTimeOptions {
  /** Of the connection; undefined when it has none. */
  limitMs: number | undefined;
  /** Of the attempt, which ends it through `signal`. */
  timeoutMs: number;
  /** Since the statement was first sent, by an earlier attempt. */
  spentMs: number;
  signal: AbortSignal;
  connection: string;
}

export interface Time {
  timeoutMs: number;
  signal: AbortSignal;
}

/** Runs a statement within the time of its connection, if that is less than the task's own. @throws LimitError */
export async function withinTime<T>(options: WithinTimeOptions, work: (time: Time) => Promise<T>): Promise<T> {
  const { timeoutMs, spentMs, signal, connection, limitMs = timeoutMs } = options;
  const wholeMs = Math.min(limitMs, timeoutMs);
  if (wholeMs >= timeoutMs && spentMs === 0) return work({ timeoutMs, signal });
  const limit = new AbortController();
  const whose = limitMs < timeoutMs ? `, the limit of the connection ${connection} (timeout_ms)` : '';
  const message = `The statement did not end within ${wholeMs} ms${whose}`;
  const leftMs = Math.max(0, wholeMs - spentMs);
  const timer = setTimeout(() => limit.abort(new LimitError('timeout', message)), leftMs);
  try {
    return await work({ timeoutMs: Math.max(1, leftMs), signal: AbortSignal.any([signal, limit.signal]) });
  } catch (thrown) {
    if (!limit.signal.aborted || !(thrown instanceof MayStillRunError)) throw thrown;
    throw new LimitError('timeout', `${message}; ${thrown.message}`, { cause: thrown });
  } finally {
    clearTimeout(timer);
  }
}
