import { isJsonObject } from './json.ts';
import type { TaskResult } from './result.ts';

/** Whether a message is a result, perhaps of another version: other programs publish on `results`, too. */
export function isTaskResult(message: unknown): message is TaskResult {
  if (!isJsonObject(message) || typeof message.timestamp !== 'string') return false;
  const { task_id, status, result, error, error_code } = message;
  if (typeof task_id !== 'string' && task_id !== null) return false;
  if (status === 'completed') return isJsonObject(result);
  return status === 'error' && typeof error === 'string' && typeof error_code === 'string';
}

/** How a task ended, for people and counts: an error result `cancelled` is no failure. */
export type TaskOutcome = 'completed' | 'failed' | 'cancelled';

export function taskOutcomeOf(result: { status: unknown; error_code?: unknown }): TaskOutcome {
  if (result.status === 'completed') return 'completed';
  return result.error_code === 'cancelled' ? 'cancelled' : 'failed';
}
