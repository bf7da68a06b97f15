import { logOf, type TaskRun } from '@taskwire/protocol';

/** A run as the lines of a log. Secrets were masked when it was kept. */
export function shownLog(run: TaskRun): string[] {
  const lines = logOf(run).map(({ timestamp, attempt, level, message, fields }) =>
    [timestamp, `attempt ${attempt}`, level.toUpperCase(), message, fields && JSON.stringify(fields)]
      .filter(Boolean)
      .join(' '),
  );
  return run.stack === undefined ? lines : [...lines, run.stack];
}
