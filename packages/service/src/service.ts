import type { Config, ServiceName } from '@taskwire/config';
import type { HealthReport, ServiceMetrics, Vitals } from '@taskwire/monitoring';
import type { TaskRegistry } from '@taskwire/tasks';
import type { Logger } from './logger.ts';
import type { Telemetry } from './telemetry.ts';

/** What a service is made from. */
export interface ServiceContext {
  name: ServiceName;
  /** Names this process: 8 characters. */
  instance: string;
  config: Config;
  logger: Logger;
  metrics: ServiceMetrics;
  /** The task types of this installation. */
  registry: TaskRegistry;
  /** Undefined when it is switched off. */
  telemetry: Telemetry | undefined;
  /** The health of this process. */
  health: () => HealthReport;
}

/** A long-lived part of taskwire. Disposing it stops it cleanly. */
export interface Service extends AsyncDisposable {
  /** Resolves when the service does its work. */
  start(): Promise<void>;
  /** How it is doing now. A service that consumes nothing has none: it is enough that Redis answers. */
  vitals?(): Vitals;
  /** Takes no more tasks; resolves when those that it runs have ended. Default: it has none. */
  retire?(): Promise<void>;
  /** Takes what nobody caught, if it concerns only one of its tasks. False ends the process. Default: false. */
  takesFault?(thrown: unknown): boolean;
}

export type CreateService = (context: ServiceContext) => Service | Promise<Service>;
