import type { Config } from '@taskwire/config';

/** Added to the time for running tasks: to return tasks to the queue and close connections. */
const STOP_MARGIN_MS = 7000;

export const REDIS_STOP_TIMEOUT_MS = 10_000;

/** How long a service may take to stop before it is killed. */
export function serviceStopMs({ services }: Config): number {
  return services.stop_timeout_ms + STOP_MARGIN_MS;
}

/** The longest that a supervisor takes to stop: the processor before the other services, Redis last. */
export function longestStopMs(config: Config): number {
  return 2 * serviceStopMs(config) + REDIS_STOP_TIMEOUT_MS;
}
