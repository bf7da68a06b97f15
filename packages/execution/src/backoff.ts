import type { TaskDefinition } from '@taskwire/tasks';

/** Waiting time before the next attempt, in ms: doubled each time, less up to a fifth so that retries spread out. */
export function backoffMs({ backoff }: TaskDefinition, failedAttempts: number): number {
  const full = Math.min(backoff.delayMs * 2 ** (failedAttempts - 1), backoff.maxDelayMs);
  return Math.round(full * (1 - Math.random() / 5));
}
