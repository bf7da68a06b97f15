import { setTimeout as delay } from 'node:timers/promises';
import type { Installation } from '../core/installation.ts';
import type { Limits, Scenario } from '../core/scenario.ts';
import type { Sentinel } from '../core/sentinel.ts';

/** Redis replicates after it has confirmed: what had not got there is gone, and may be done again. */
const NOT_REPLICATED: Limits = {
  // While neither server takes writes, nobody can take the lead.
  lossMs: { id: 1000, 'no id': 6000, stream: 1000 },
  doubleResults: 20,
  redisForgets: true,
};

function failover(name: string, begin: (installation: Installation, sentinel: Sentinel) => Promise<void>): Scenario {
  return {
    name,
    installation: { sentinel: true },
    limits: NOT_REPLICATED,
    async run(installation) {
      const sentinel = installation.sentinel as Sentinel;
      installation.faults += 1;
      await begin(installation, sentinel);
      await sentinel.replicaLeads();
      installation.usable();
      installation.redis = sentinel.replica;
      await delay(5000);
    },
  };
}

export const failovers: readonly Scenario[] = [
  failover('a planned failover by Sentinel (min-replicas-to-write 1)', async ({ redis }, sentinel) => {
    // Otherwise the former primary takes writes that it loses, until Sentinel has told it what it is now.
    for (const server of [redis, sentinel.replica]) await server.command('CONFIG', 'SET', 'min-replicas-to-write', 1);
    await sentinel.failover();
  }),
  failover('the primary is killed, Sentinel fails over', ({ redis }) => redis.stop('SIGKILL')),
];
