import { PROCESSES } from '../contenders/contender.ts';
import { median, spread } from '../measure/statistics.ts';
import type { BurstOf } from '../parts/burst.ts';
import { medianCpuUs, totalCpuUs } from './burst-figures.ts';
import { barChart } from './chart.ts';
import { digits } from './format.ts';
import type { Results } from './results.ts';

const cpuOf = ({ rounds }: BurstOf) => median(rounds.map(totalCpuUs));

/** The charts of what was measured, by file name. */
export function charts({ parts: { burst, latency } }: Results): Record<string, string> {
  return {
    ...(burst && {
      'performance-cpu.svg': barChart({
        title: 'CPU per task in a burst, µs (less is better)',
        legend: PROCESSES,
        // Celery's bar would leave nothing to see of the others.
        upTo: 1.5 * Math.max(...burst.figures.filter(({ contender }) => contender !== 'Celery').map(cpuOf)),
        bars: burst.figures.map((contender) => ({
          label: contender.contender,
          segments: PROCESSES.map((process) => medianCpuUs(contender, process)),
          text: digits(cpuOf(contender)),
        })),
      }),
      'performance-burst.svg': barChart({
        title: 'Tasks per second in a burst (more is better)',
        bars: burst.figures.map(({ contender, rounds }) => {
          const range = spread(rounds.map(({ perSecond }) => perSecond));
          return { label: contender, segments: [range.median], range, text: digits(range.median) };
        }),
      }),
    }),
    ...(latency && {
      'performance-latency.svg': barChart({
        title: 'From sending a task to its result, ms',
        legend: ['p50', 'to p99'],
        bars: latency.figures.map(({ contender, perSecond, rounds }) => {
          const [p50, p99] = [median(rounds.map(({ p50Ms }) => p50Ms)), median(rounds.map(({ p99Ms }) => p99Ms))];
          const rate = perSecond === undefined ? 'alone' : `${perSecond.toLocaleString('en')}/s`;
          return { label: `${contender}, ${rate}`, segments: [p50, p99 - p50], text: `${digits(p50)}, ${digits(p99)}` };
        }),
      }),
    }),
  };
}
