import type { TaskResult } from '@taskwire/protocol';

export type TaskEnd = 'completed' | 'error' | 'cancelled';

/** How a task ended, to be counted: the result of a cancelled one is an error, but it is no failure of its queue. */
export function endOf(result: TaskResult): TaskEnd {
  return result.status === 'error' && result.error_code === 'cancelled' ? 'cancelled' : result.status;
}
