import { type CompletedResult, type ErrorResult, type JsonObject, timestampOf } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';
import type { Failure } from '@taskwire/tasks/running';
import type { Attempt } from './attempt.ts';

/** A result that names its task: `task_id` and `task_type` are never null. */
export type Named = Pick<AcceptedTask, 'task_id' | 'task_type'>;

export function completedResult(attempt: Attempt, result: JsonObject): CompletedResult & Named {
  const endedAt = Date.now();
  const timestamp = timestampOf(endedAt);
  return { ...taskFields(attempt), status: 'completed', timestamp, result, ...runFields(attempt, endedAt) };
}

export function errorResult(attempt: Attempt, { error, code, details }: Failure): ErrorResult & Named {
  const endedAt = Date.now();
  return {
    ...taskFields(attempt),
    status: 'error',
    timestamp: timestampOf(endedAt),
    error,
    error_code: code,
    ...(details && { error_details: details }),
    ...runFields(attempt, endedAt),
  };
}

function taskFields({ task: { task_id, task_type, user_id, metadata } }: Attempt) {
  return { task_id, task_type, user_id, metadata };
}

function runFields({ task, number, lost, startedAt }: Attempt, endedAt: number) {
  // Clocks jump, and those of processor and worker differ a little.
  const queued_ms = Math.max(0, startedAt - task.acceptedAt);
  return { attempts: number + lost, duration_ms: Math.max(0, endedAt - startedAt), queued_ms };
}
