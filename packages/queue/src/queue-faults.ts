import { isRedisFault } from '@taskwire/redis';
import type { Logger } from '@taskwire/service';
import { isNotConnectionError } from 'bullmq';

/** BullMQ repeats a fault with every attempt, thousands of times a second: the same one is logged once per interval. */
const SAME_FAULT_INTERVAL_MS = 10_000;

/** A BullMQ queue or worker: without a listener it prints its faults, with secrets in them. */
interface FaultSource {
  name: string;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** Logs the faults of a queue or worker, except lost connections: the connection logs those once. */
export function logQueueFaults(source: FaultSource, logger: Logger): void {
  const loggedAt = new Map<string, number>();
  source.on('error', (error) => {
    const now = performance.now();
    // After a freeze each of hundreds of jobs has the same fault.
    const kind = error.message.replace(/\bjob \S+/, 'job');
    if (isLostConnection(error) || now - (loggedAt.get(kind) ?? -Infinity) < SAME_FAULT_INTERVAL_MS) return;
    for (const [known, at] of loggedAt) if (now - at >= SAME_FAULT_INTERVAL_MS) loggedAt.delete(known);
    loggedAt.set(kind, now);
    logger.warn({ err: error, queue: source.name }, 'a fault at the queue');
  });
}

/** BullMQ knows some of them. What Redis refuses begins with a code in capitals, such as `OOM`, and is no lost connection. */
function isLostConnection(error: Error): boolean {
  return !isNotConnectionError(error) || (isRedisFault(error) && !/^[A-Z]+ /.test(error.message));
}
