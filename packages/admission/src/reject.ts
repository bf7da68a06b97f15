import type { ServiceMetrics } from '@taskwire/monitoring';
import type { Rejection } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { Announcer } from '@taskwire/store';
import { errorResultOf } from './error-result.ts';

/** Answers a message that does not become a task. Resolves when the answer is published. */
export type Reject = (rejection: Rejection) => Promise<void>;

export interface RejectOptions {
  announcer: Announcer;
  metrics: ServiceMetrics;
  logger: Logger;
}

/** Thousands of broken messages must not fill the log. */
const LOG_INTERVAL_MS = 10_000;

export function createReject({ announcer, metrics, logger }: RejectOptions): Reject {
  let loggedAt = 0;
  let unlogged = 0;
  const log = ({ code, error, task }: Rejection) => {
    unlogged += 1;
    if (Date.now() - loggedAt < LOG_INTERVAL_MS) return;
    logger.warn({ task_id: task.task_id, error_code: code, messages: unlogged, error }, 'refused a message');
    loggedAt = Date.now();
    unlogged = 0;
  };
  return async (rejection) => {
    log(rejection);
    const result = errorResultOf(rejection);
    metrics.rejected(result);
    await announcer.rejection(result, rejection.task.reply_to);
  };
}
