import type { Config, ServiceName } from '@taskwire/config';
import type { HealthReport, ServiceMetrics, Vitals } from '@taskwire/monitoring';
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
  /** Undefined when it is switched off. */
  telemetry: Telemetry | undefined;
  /** How this process is, as it tells whoever asks. */
  health: () => HealthReport;
}

/** A long-lived part of taskwire. Disposing it stops it cleanly. */
export interface Service extends AsyncDisposable {
  /** Resolves when the service does its work. */
  start(): Promise<void>;
  /** How it fares just now. A service that takes nothing in has none: that Redis answers is enough. */
  vitals?(): Vitals;
}

export type CreateService = (context: ServiceContext) => Service | Promise<Service>;
