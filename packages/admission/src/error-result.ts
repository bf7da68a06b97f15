import type { ErrorResult, Rejection } from '@taskwire/protocol';

/** The result, as on the wire, of a task that ends now and that no worker ran. */
export function errorResultOf({ code, error, details, task }: Rejection): ErrorResult {
  const { task_id, task_type, user_id, metadata } = task;
  return {
    task_id,
    task_type,
    user_id,
    metadata,
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
