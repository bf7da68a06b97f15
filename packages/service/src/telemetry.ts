import type { Config } from '@taskwire/config';
import type { TaskRequest } from '@taskwire/protocol';
import type { Telemetry as QueueTelemetry } from 'bullmq';

/** OpenTelemetry traces of a service: from the acceptance of a task, or its sender's own trace, to its end. */
export interface Telemetry {
  /** What BullMQ's queues and workers are to be given. */
  queues: QueueTelemetry;
  /** A span for the acceptance of a task, in the trace that its request names, or in a new one. */
  accept(request: TaskRequest): AcceptSpan;
  /** Sends what is left. */
  shutdown(): Promise<void>;
}

export interface AcceptSpan {
  /** To be carried by the job, so that its run belongs to the same trace. */
  traceparent: string | undefined;
  end(): void;
}

export interface TelemetryOptions {
  config: Config;
  service: string;
  instance: string;
  version: string;
}

/** What `telemetry.traces` asks for; its libraries are loaded only then. */
export async function openTelemetry({ config, ...identity }: TelemetryOptions): Promise<Telemetry | undefined> {
  if (!config.telemetry.traces) return undefined;
  const { startTracing } = await import('./tracing.ts');
  return startTracing({ ...identity, url: config.telemetry.traces_url });
}
