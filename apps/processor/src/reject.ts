import type { ServiceMetrics } from '@taskwire/monitoring';
import type { ErrorResult, Rejection } from '@taskwire/protocol';
import type { Announcer } from '@taskwire/runtime';

/** Answers a message that does not become a task. Resolves when the answer is published. */
export type Reject = (rejection: Rejection) => Promise<void>;

export function createReject({ announcer, metrics }: { announcer: Announcer; metrics: ServiceMetrics }): Reject {
  return async (rejection) => {
    const result = resultOf(rejection);
    metrics.rejected(result);
    await announcer.rejection(result, rejection.task.reply_to);
  };
}

function resultOf({ code, error, details, task }: Rejection): ErrorResult {
  return {
    task_id: task.task_id,
    task_type: task.task_type,
    user_id: task.user_id,
    metadata: task.metadata,
    status: 'error',
    timestamp: new Date().toISOString(),
    error,
    error_code: code,
    ...(details && { error_details: details }),
    attempts: 0,
    duration_ms: 0,
    queued_ms: 0,
  };
}
