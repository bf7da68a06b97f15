import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Telemetry } from './telemetry.ts';

const TRACER = 'taskwire';

export interface TracingOptions {
  service: string;
  instance: string;
  version: string;
  url: string;
}

/** OpenTelemetry traces, sent in batches by OTLP over HTTP. A collector that does not answer delays nothing. */
export function startTracing({ service, instance, version, url }: TracingOptions): Telemetry {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      'service.namespace': 'taskwire',
      'service.name': `taskwire-${service}`,
      'service.instance.id': instance,
      'service.version': version,
    }),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  provider.register();
  const tracer = trace.getTracer(TRACER, version);
  return {
    tracerName: TRACER,
    version,
    accept({ task_id, task_type, traceparent }) {
      const parent = propagation.extract(context.active(), { traceparent });
      const attributes = { 'taskwire.task_id': task_id, 'taskwire.task_type': task_type };
      const span = tracer.startSpan(`accept ${task_type}`, { kind: SpanKind.PRODUCER, attributes }, parent);
      const carrier: { traceparent?: string } = {};
      propagation.inject(trace.setSpan(parent, span), carrier);
      return { traceparent: carrier.traceparent, end: () => span.end() };
    },
    shutdown: () => provider.shutdown(),
  };
}
