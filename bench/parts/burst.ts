import { setTimeout as pause } from 'node:timers/promises';
import type { Contender, ContenderName, ProcessName } from '../contenders/contender.ts';
import { type ContenderOptions, startContenders } from '../contenders/contenders.ts';
import { cpuUs } from '../measure/processes.ts';
import { type RedisCounts, redisCounts } from '../measure/redis-counts.ts';
import type { Part, PartOptions } from './part.ts';

/** All but `perSecond` is per task. */
export interface BurstRound extends RedisCounts {
  perSecond: number;
  cpuUs: Partial<Record<ProcessName, number>>;
}

export interface BurstOf {
  contender: ContenderName;
  tasks: number;
  rounds: BurstRound[];
}

/** So many tasks at once, from the first PUBLISH to the last result. */
export const measureBurst: Part<BurstOf[]> = (options) => bursts(options, { appendonly: false, celery: true });

export const measureBurstWithAof: Part<BurstOf[]> = (options) => bursts(options, { appendonly: true, celery: false });

/** Until V8 has compiled what is hot, for all contenders: they are daemons, and warm after seconds. */
const WARM_UP_ROUNDS = 4;

async function bursts({ rounds }: PartOptions, options: ContenderOptions): Promise<BurstOf[]> {
  await using cleanUp = new AsyncDisposableStack();
  const contenders = await startContenders(options, cleanUp);
  const figures = contenders.map(({ name, tasks }): BurstOf => ({ contender: name, tasks, rounds: [] }));
  for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const measured = await burst(contender);
      if (round > 0) figures[index]?.rounds.push(measured);
    }
  }
  return figures;
}

async function burst({ redis, processes, tasks, burst }: Contender): Promise<BurstRound> {
  const named = Object.entries(processes) as [ProcessName, readonly number[]][];
  await redis.command('CONFIG', 'RESETSTAT');
  const before = named.map(([, pids]) => cpuUs(pids));
  const start = performance.now();
  await burst(tasks);
  const perSecond = tasks / ((performance.now() - start) / 1000);
  // A worker still has to tell BullMQ of its last tasks, and that costs, too.
  await pause(200);
  const used = named.map(([name, pids], index) => [name, (cpuUs(pids) - (before[index] ?? 0)) / tasks] as const);
  const { commands, scripts, bytesIn, bytesOut } = await redisCounts(redis);
  return {
    perSecond,
    cpuUs: Object.fromEntries(used),
    commands: commands / tasks,
    scripts: scripts / tasks,
    bytesIn: bytesIn / tasks,
    bytesOut: bytesOut / tasks,
  };
}
