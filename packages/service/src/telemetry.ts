import type { TaskRequest } from '@taskwire/protocol';

/** OpenTelemetry traces of a service: from the acceptance of a task, or its sender's own trace, to its end. */
export interface Telemetry {
  /** The name of the tracer, for code that makes more spans. */
  tracerName: string;
  /** Of taskwire. */
  version: string;
  /** A span for the acceptance of a task, in the trace that its request names, or in a new one. */
  accept(request: TaskRequest): AcceptSpan;
  /** Sends the remaining spans. */
  shutdown(): Promise<void>;
}

export interface AcceptSpan {
  /** The job carries it, so that its run belongs to the same trace. */
  traceparent: string | undefined;
  end(): void;
}
