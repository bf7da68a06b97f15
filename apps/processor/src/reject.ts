import type { ServiceMetrics } from '@taskwire/monitoring';
import type { ErrorResult, Rejection } from '@taskwire/protocol';
import type { Announcer, Logger } from '@taskwire/runtime';

/** Answers a message that does not become a task. Resolves when the answer is published. */
export type Reject = (rejection: Rejection) => Promise<void>;

export interface RejectOptions {
  announcer: Announcer;
  metrics: ServiceMetrics;
  logger: Logger;
}

/** Whoever sends nonsense by the thousand must not fill the log. */
const LOG_INTERVAL_MS = 10_000;

export function createReject({ announcer, metrics, logger }: RejectOptions): Reject {
  let loggedAt = 0;
  let unlogged = 0;
  const log = ({ code, error, task }: Rejection) => {
    unlogged += 1;
    if (Date.now() - loggedAt < LOG_INTERVAL_MS) return;
    logger.warn(
      { task_id: task.task_id, error_code: code, messages: unlogged, error },
      'refused what cannot be a task',
    );
    loggedAt = Date.now();
    unlogged = 0;
  };
  return async (rejection) => {
    log(rejection);
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
