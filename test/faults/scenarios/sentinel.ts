import { setTimeout as delay } from 'node:timers/promises';
import type { Installation } from '../core/installation.ts';
import type { Limits, Scenario } from '../core/scenario.ts';
import type { Sentinel } from '../core/sentinel.ts';

/** Redis replicates after it has confirmed: what had not got there is gone, and may be done again. */
const NOT_REPLICATED: Limits = { lossMs: { id: 1000, 'no id': 1000, stream: 500 }, doubleResults: 20 };

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
      const former = installation.redis;
      installation.redis = sentinel.replica;
      await delay(5000);
      await former[Symbol.asyncDispose]();
    },
  };
}

export const failovers: readonly Scenario[] = [
  failover('a planned failover by Sentinel', (_, sentinel) => sentinel.failover()),
  failover('the primary is killed, Sentinel fails over', ({ redis }) => redis.stop('SIGKILL')),
];
