import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '@taskwire/config';
import { ONE_OF_EACH } from '../core/installation.ts';
import type { Limits, Scenario } from '../core/scenario.ts';

/** Two of each; the connections of the first one pass a proxy. */
function twoWithOneCutOff(name: ServiceName) {
  return { proxied: [name], services: [...ONE_OF_EACH] };
}

function cut(name: ServiceName, limits: Limits): Scenario {
  return {
    name: `one ${name} of two cut off five times`,
    installation: twoWithOneCutOff(name),
    limits,
    async run(installation) {
      for (let times = 0; times < 5; times += 1) {
        installation.faults += 1;
        installation.proxy.cut();
        await delay(2000);
      }
    },
  };
}

function blackhole(name: ServiceName, limits: Limits): Scenario {
  return {
    name: `one ${name} of two hears nothing for 20 s`,
    installation: twoWithOneCutOff(name),
    limits,
    async run(installation) {
      installation.faults += 1;
      installation.proxy.blackhole(true);
      await delay(20_000);
      installation.proxy.blackhole(false);
    },
  };
}

export const network: readonly Scenario[] = [
  // Until the leader has subscribed again, or another one leads, only the other one hears.
  cut('processor', { lossMs: { 'no id': 1000 } }),
  cut('worker', {}),
  // Until its lead runs out, nobody else takes messages without an id.
  blackhole('processor', { lossMs: { 'no id': 6000 } }),
  blackhole('worker', {}),
];
