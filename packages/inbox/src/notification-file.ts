import type { Outcome } from './result-file-outcome.ts';

/** What a notification says: a small file per task that has ended. */
export interface Notification extends Outcome {
  task_id: string;
  /** The same, for programs written for the old query daemon. */
  query_id: string;
  /** Relative to the inbox. */
  result_file: string;
}

export function notificationOf(taskId: string, outcome: Outcome): Notification {
  return { task_id: taskId, query_id: taskId, ...outcome, result_file: `results/${taskId}.json` };
}
