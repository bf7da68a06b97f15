import type { Telemetry } from '@taskwire/service';
import type { Telemetry as QueueTelemetry } from 'bullmq';

/** What BullMQ's queues and workers are to be given, so that a trace goes on from one to the other. */
export async function queueTelemetry(telemetry: Telemetry | undefined): Promise<QueueTelemetry | undefined> {
  if (!telemetry) return undefined;
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel({ tracerName: telemetry.tracerName, version: telemetry.version });
}
