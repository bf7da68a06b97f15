import { createRequire } from 'node:module';
import type * as PromClient from 'prom-client';

const require = createRequire(import.meta.url);

// What prom-client's index loads besides these is a twentieth of a start: OpenTelemetry, TLS, digests. Hence the exact version in
// package.json: these files are no promise of it.
export const Counter: typeof PromClient.Counter = require('prom-client/lib/counter.js');
export const Gauge: typeof PromClient.Gauge = require('prom-client/lib/gauge.js');
export const Registry: typeof PromClient.Registry = require('prom-client/lib/registry.js');

export type Counter<T extends string> = PromClient.Counter<T>;
export type Gauge<T extends string> = PromClient.Gauge<T>;
export type Registry = PromClient.Registry;

/** Of the process. */
export function collectDefaultMetrics(registry: Registry): void {
  const collect: typeof PromClient.collectDefaultMetrics = require('prom-client/lib/defaultMetrics.js');
  collect({ register: registry });
}
