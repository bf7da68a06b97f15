import type { ErrorResult, Rejection } from '@taskwire/protocol';
import type { Announcer } from '@taskwire/runtime';

/** Answers a message that does not become a task. Resolves when the answer is published. */
export function reject(rejection: Rejection, announcer: Announcer): Promise<void> {
  const { code, error, details, task } = rejection;
  const result: ErrorResult = {
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
  return announcer.rejection(result, task.reply_to);
}
