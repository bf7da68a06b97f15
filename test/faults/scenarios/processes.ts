import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '@taskwire/config';
import { ONE_OF_EACH, TWO_OF_EACH } from '../core/installation.ts';
import type { Limits, Scenario } from '../core/scenario.ts';

/** After each, tasks flow for this long. */
const PAUSE_MS = 1500;

/** The only processor loses what it has heard and not yet put into Redis when it is killed; no other one hears it. */
const HEARD = { id: 250, 'no id': 250 };

interface InTurn {
  how: string;
  signal: 'SIGTERM' | 'SIGKILL';
  limits?: Limits;
}

function oneOfEach({ how, signal, limits = {} }: InTurn): Scenario {
  return inTurn(`${how} each process in turn, one of each`, signal, [...ONE_OF_EACH, 'web'], limits);
}

function twoOfEach({ how, signal, limits = {} }: InTurn): Scenario {
  return inTurn(`${how} each process in turn, two of each`, signal, [...TWO_OF_EACH, 'web', 'web'], limits);
}

function inTurn(name: string, signal: InTurn['signal'], services: readonly ServiceName[], limits: Limits): Scenario {
  return {
    name,
    installation: { services },
    limits,
    async run(installation) {
      const unclean: string[] = [];
      for (const member of installation.members) {
        installation.faults += 1;
        const code = await member.restart(signal);
        if (signal === 'SIGTERM' && code !== 0) unclean.push(`the ${member.name} exited with ${code}`);
        await delay(PAUSE_MS);
      }
      return unclean;
    },
  };
}

export const processes: readonly Scenario[] = [
  { name: 'no fault', run: () => delay(5000) },
  oneOfEach({ how: 'kill -9', signal: 'SIGKILL', limits: { lossMs: HEARD } }),
  // Until another processor leads, nobody takes messages without an id.
  twoOfEach({ how: 'kill -9', signal: 'SIGKILL', limits: { lossMs: { 'no id': 1000 } } }),
  oneOfEach({ how: 'SIGTERM', signal: 'SIGTERM' }),
  twoOfEach({ how: 'SIGTERM', signal: 'SIGTERM' }),
  {
    name: 'kill -9 all processes at once, twice',
    limits: { lossMs: HEARD },
    async run(installation) {
      for (let times = 0; times < 2; times += 1) {
        installation.faults += 1;
        await Promise.all(installation.members.map((member) => member.restart('SIGKILL')));
        await delay(PAUSE_MS);
      }
    },
  },
  {
    name: 'deployment: all replaced one by one, two of each',
    installation: { services: TWO_OF_EACH },
    async run(installation) {
      for (const old of [...installation.members]) {
        await installation.add(old.name);
        await old.stop('SIGTERM');
      }
    },
  },
  {
    name: 'deployment: all replaced at once, a gap of 5 s',
    quick: true,
    async run(installation) {
      await Promise.all(installation.members.map((member) => member.stop('SIGTERM')));
      await delay(5000);
      await Promise.all(installation.members.map((member) => member.start()));
      installation.usable();
    },
  },
];
