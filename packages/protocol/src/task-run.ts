/** How a task came to its result: what is told of it besides, in the results stream and under `runKey`. */
export interface TaskRun {
  /** The last 20, by the time of their end. */
  attempts: AttemptRecord[];
  /** The last lines that its handler logged, in all of its attempts. */
  log?: TaskLogLine[];
  /** Where its handler threw last. */
  stack?: string;
}

export interface AttemptRecord {
  attempt: number;
  /** ISO 8601, as all times here. */
  started_at: string;
  ended_at: string;
  error?: string;
  /** The process that made it. */
  worker: string;
}

export interface TaskLogLine {
  attempt: number;
  timestamp: string;
  level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  message: string;
  /** What a logger was given besides. */
  fields?: object;
}

/** What its handler logged, and how its attempts failed, by time. */
export function logOf({ attempts, log = [] }: TaskRun): TaskLogLine[] {
  const failures = attempts.flatMap(({ attempt, ended_at: timestamp, error }): TaskLogLine[] =>
    error === undefined ? [] : [{ attempt, timestamp, level: 'error', message: `failed: ${error}` }],
  );
  return [...log, ...failures].sort((a, b) => a.timestamp.localeCompare(b.timestamp));
}
