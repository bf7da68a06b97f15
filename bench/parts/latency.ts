import type { ContenderName } from '../contenders/contender.ts';
import { startContenders } from '../contenders/contenders.ts';
import type { Load } from '../measure/latencies.ts';
import { quantile } from '../measure/statistics.ts';
import type { Part } from './part.ts';

export interface LatencyOf {
  contender: ContenderName;
  /** None: one task after the other. */
  perSecond?: number;
  rounds: { p50Ms: number; p99Ms: number }[];
}

const LOADS: readonly (Load & { perSecond?: number })[] = [
  { count: 100 },
  { perSecond: 200, count: 600 },
  { perSecond: 2000, count: 6000 },
];

/** From sending a task to hearing its result, alone and at steady rates. */
export const measureLatency: Part<LatencyOf[]> = async ({ rounds }) => {
  await using cleanUp = new AsyncDisposableStack();
  const contenders = await startContenders({ appendonly: false, celery: true }, cleanUp);
  const series = LOADS.flatMap((load) =>
    contenders
      // A queue that only grows has no latency.
      .filter(({ name }) => name !== 'Celery' || load.perSecond !== 2000)
      .flatMap(({ name, latencies }) => {
        const { count, ...rate } = load;
        const figures: LatencyOf = { contender: name, ...rate, rounds: [] };
        return latencies ? [{ load, latencies, figures }] : [];
      }),
  );
  for (let round = 0; round <= rounds; round += 1) {
    for (const { load, latencies, figures } of series) {
      // The first round warms up.
      if (round === 0) await latencies({ ...load, count: load.count / 10 });
      else {
        const times = await latencies(load);
        figures.rounds.push({ p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) });
      }
    }
  }
  return series.map(({ figures }) => figures);
};
