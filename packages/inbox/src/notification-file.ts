import type { Outcome } from './result-file-outcome.ts';

/** What a notification says: a small file per run that has ended. */
export interface Notification extends Outcome {
  task_id: string;
  query_id: string;
  /** A sentence. */
  message: string;
  /** ISO 8601: the same as `completed_at`, for programs written for the old query daemon. */
  timestamp: string;
  /** Relative to the inbox. */
  result_file: string;
}

export interface Notified {
  taskId: string;
  queryId: string;
  outcome: Outcome;
  /** Of the result, relative to the inbox. */
  file: string;
}

export function notificationOf({ taskId, queryId, outcome, file }: Notified): Notification {
  const { status, error, completed_at, duration_seconds } = outcome;
  const how = error === undefined ? ` in ${duration_seconds} s` : `: ${error}`;
  return {
    task_id: taskId,
    query_id: queryId,
    ...outcome,
    message: `${queryId} ${status}${how}`,
    timestamp: completed_at,
    result_file: file,
  };
}
