import type { Histogram, Registry } from 'prom-client';

/** From 1 ms to 2 hours: queues and warehouses may take long. In seconds. */
export const BUCKETS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200,
];

/** The durations of one set of labels. */
export class Durations {
  /** One more than there are limits. */
  readonly #counts = new Array<number>(BUCKETS.length + 1).fill(0);
  #sum = 0;

  /** @param seconds at least 0. */
  observe(seconds: number): void {
    let bucket = 0;
    while (seconds > (BUCKETS[bucket] ?? Infinity)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  /** As prom-client gives the samples of a histogram. */
  samples(name: string, labels: Readonly<Record<string, string>>) {
    let count = 0;
    const buckets = this.#counts.map((more, bucket) => {
      count += more;
      const le = BUCKETS[bucket] ?? '+Inf';
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: count, exemplar: null };
    });
    const sum = { metricName: `${name}_sum`, labels, value: this.#sum };
    return [...buckets, sum, { metricName: `${name}_count`, labels, value: count }];
  }
}

export type DurationsOf<L extends string> = readonly [labels: Record<L, string>, durations: Durations];

/**
 * A histogram of prom-client's registry. Its own one looks for the labels with every observation, which took a twentieth of
 * what a worker does for a light task.
 */
export function registerDurations<L extends string>(
  registry: Registry,
  { all, ...metric }: { name: string; help: string; labelNames: readonly L[]; all: () => DurationsOf<L>[] },
): void {
  const get = async () => ({
    ...metric,
    type: 'histogram',
    aggregator: 'sum',
    values: all().flatMap(([labels, durations]) => durations.samples(metric.name, labels)),
  });
  registry.registerMetric({ ...metric, type: 'histogram', get } as unknown as Histogram);
}
