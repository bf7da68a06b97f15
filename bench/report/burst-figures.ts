import { type ContenderName, PROCESSES, type ProcessName } from '../contenders/contender.ts';
import { median, type Spread, spread } from '../measure/statistics.ts';
import type { BurstOf, BurstRound } from '../parts/burst.ts';

const BULLMQ = ['BullMQ, one process', 'BullMQ, two processes'] as const;

/** Of all processes, in µs per task. */
export function totalCpuUs({ cpuUs }: BurstRound): number {
  return PROCESSES.reduce((sum, name) => sum + (cpuUs[name] ?? 0), 0);
}

export function medianCpuUs({ rounds }: BurstOf, process: ProcessName): number {
  return median(rounds.map(({ cpuUs }) => cpuUs[process] ?? 0));
}

/** How taskwire compares with BullMQ alone: in each round with whichever of its two ways did better there. */
export interface Comparison {
  /** Of the rates: more is better. */
  wall: Spread;
  /** Of CPU per task: less is better. */
  cpu: Spread;
}

export function compared(bursts: readonly BurstOf[], contender: ContenderName = 'taskwire, PUBLISH'): Comparison {
  const own = roundsOf(bursts, contender);
  const others = BULLMQ.map((name) => roundsOf(bursts, name));
  const best = (choose: (...values: number[]) => number, figure: (round: BurstRound) => number) =>
    own.map((round, index) => figure(round) / choose(...others.flatMap((rounds) => rounds[index] ?? []).map(figure)));
  return {
    wall: spread(best(Math.max, ({ perSecond }) => perSecond)),
    cpu: spread(best(Math.min, totalCpuUs)),
  };
}

function roundsOf(bursts: readonly BurstOf[], contender: ContenderName): readonly BurstRound[] {
  return bursts.find((burst) => burst.contender === contender)?.rounds ?? [];
}
