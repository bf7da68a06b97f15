import { LimitError } from '@taskwire/tasks';

export interface WithinTimeOptions {
  /** Of the connection; undefined when it has none. */
  limitMs: number | undefined;
  /** Of the attempt, which ends it through `signal`. */
  timeoutMs: number;
  signal: AbortSignal;
  connection: string;
}

export interface Time {
  timeoutMs: number;
  signal: AbortSignal;
}

/** Runs a statement within the time of its connection, if that is less than the task's own. @throws LimitError */
export async function withinTime<T>(options: WithinTimeOptions, work: (time: Time) => Promise<T>): Promise<T> {
  const { limitMs, timeoutMs, signal, connection } = options;
  if (limitMs === undefined || limitMs >= timeoutMs) return work({ timeoutMs, signal });
  const limit = new AbortController();
  const message = `The statement did not end within ${limitMs} ms, the limit of the connection ${connection} (timeout_ms)`;
  const timer = setTimeout(() => limit.abort(new LimitError('timeout', message)), limitMs);
  try {
    return await work({ timeoutMs: limitMs, signal: AbortSignal.any([signal, limit.signal]) });
  } finally {
    clearTimeout(timer);
  }
}
