import type { Telemetry } from '@taskwire/service';
import type { Telemetry as QueueTelemetry } from 'bullmq';

/** The option for BullMQ's queues and workers that continues a trace from one to the other. */
export async function queueTelemetry(telemetry: Telemetry | undefined): Promise<QueueTelemetry | undefined> {
  if (!telemetry) return undefined;
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel({ tracerName: telemetry.tracerName, version: telemetry.version });
}
