import type { Registry } from './prom-client.ts';

/** How much the samples of a registry have grown: Prometheus sample name, as `taskwire_results_total{…}`, → number. */
export type Growth = ReadonlyMap<string, number>;

/** The growth of a process's counters and histograms since the last `keep()`. */
export class GrowthMeter {
  readonly #registry: Registry;
  #kept: ReadonlyMap<string, number> = new Map();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** The growth since the last `keep()`; call `keep` once it is stored. */
  async measure(): Promise<{ growth: Growth; keep: () => void }> {
    const now = await samplesOf(this.#registry);
    const growth = new Map<string, number>();
    for (const [name, value] of now) {
      const grown = value - (this.#kept.get(name) ?? 0);
      if (grown !== 0) growth.set(name, grown);
    }
    return { growth, keep: () => (this.#kept = now) };
  }
}

async function samplesOf(registry: Registry): Promise<Map<string, number>> {
  const samples = new Map<string, number>();
  for (const { name: metric, values } of await registry.getMetricsAsJSON()) {
    for (const { value, labels, ...sample } of values) {
      const name = 'metricName' in sample ? String(sample.metricName) : metric;
      samples.set(sampleName(name, labels), value);
    }
  }
  return samples;
}

export function sampleName(metric: string, labels: Readonly<Record<string, string | number | undefined>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(String(value))}"`);
  return pairs.length === 0 ? metric : `${metric}{${pairs.sort().join(',')}}`;
}

/** In the exposition format of Prometheus. */
function escaped(value: string): string {
  return value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
