import type { Config } from '@taskwire/config';
import type { Telemetry } from './telemetry.ts';
import type { TracingOptions } from './tracing.ts';

/** Traces if `telemetry.traces` is set; only then are the libraries loaded. */
export async function openTelemetry(
  config: Config['telemetry'],
  process: Omit<TracingOptions, 'url'>,
): Promise<Telemetry | undefined> {
  if (!config.traces) return undefined;
  const { startTracing } = await import('./tracing.ts');
  return startTracing({ ...process, url: config.traces_url });
}
