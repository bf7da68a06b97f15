import { PROCESSES } from '../contenders/contender.ts';
import { median } from '../measure/statistics.ts';
import type { BurstOf } from '../parts/burst.ts';
import { compared, medianCpuUs, totalCpuUs } from './burst-figures.ts';
import { digits } from './format.ts';

const AIM = 3;

/** Says, from the figures of a burst, what keeps it from three times BullMQ alone. */
export function limit(bursts: readonly BurstOf[], cores: number): string {
  const own = bursts.find(({ contender }) => contender === 'taskwire, PUBLISH');
  if (!own) return '';
  const ratio = compared(bursts).wall.median;
  const wallUs = 1e6 / median(own.rounds.map(({ perSecond }) => perSecond));
  const aimUs = (wallUs * ratio) / AIM;
  const cpuUs = median(own.rounds.map(totalCpuUs));
  const busiest = PROCESSES.toSorted((a, b) => medianCpuUs(own, b) - medianCpuUs(own, a))[0] ?? 'redis';
  const name = busiest === 'redis' ? 'Redis' : `the ${busiest}`;
  const [byCores, byBusiest] = [cpuUs / cores, medianCpuUs(own, busiest)];
  const why =
    Math.max(byCores, byBusiest) <= aimUs
      ? 'Neither forbids it: the processes wait for each other, or for other programs on this machine.'
      : byCores >= byBusiest
        ? `So the limit is the CPU of all processes together: it would have to come down to ${digits(aimUs * cores)} µs, or the cores to be more.`
        : `So the limit is ${name}, which works in one thread: its part would have to come down to ${digits(aimUs)} µs; more cores would not help.`;
  return `### What limits it

The aim that stays is ${AIM} times BullMQ alone by wall clock; this run reached ${digits(ratio)}. Three times would mean a task every ${digits(aimUs)} µs; now it is
every ${digits(wallUs)} µs. A task costs ${digits(cpuUs)} µs of CPU, so ${cores} cores that never wait need ${digits(byCores)} µs; the busiest
process, ${name}, needs ${digits(byBusiest)} µs by itself, however many cores there are.
${why}`;
}
