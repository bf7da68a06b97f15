import { missingOf } from './facts.ts';
import { install } from './install.ts';
import { inventory } from './inventory.ts';
import type { Machine } from './machine.ts';
import { type Options, readOptions } from './options.ts';
import { byHand, planFor } from './plan.ts';
import { requirements } from './requirements.ts';

type Context = {
  machine: Machine;
  say: (text: string) => void;
  complain: (text: string) => void;
};

/** Finds out what is missing, installs it and looks again. Returns the exit code: 0 all there, 1 not, 2 wrong usage. */
export async function setUp({ argv, ...context }: Context & { argv: readonly string[] }): Promise<number> {
  const options = readOptions(argv);
  switch (options.status) {
    case 'refused':
      context.complain(options.reason);
      return 2;
    case 'help':
      context.say(options.text);
      return 0;
    case 'run':
      return provide(options, context);
  }
}

async function provide({ dev, checkOnly }: Options & { status: 'run' }, context: Context): Promise<number> {
  const { machine, say, complain } = context;
  const wanted = requirements.filter(({ onlyForTests }) => dev || !onlyForTests);
  const facts = await machine.inspect(wanted);
  const plan = planFor(facts);
  say(inventory(facts));

  switch (plan.status) {
    case 'complete':
      say(`\nNothing is missing. ${nextStep(dev)}`);
      return 0;
    case 'blocked':
      complain(['', plan.reason, ...plan.advice].join('\n'));
      return 1;
    case 'install':
      if (checkOnly) {
        complain(`\nSomething is missing. To install it: ${dev ? 'npm run setup -- --dev' : 'npm run setup'}`);
        return 1;
      }
      await install({ plan, machine, say });
  }

  const stillMissing = missingOf(await machine.inspect(wanted));
  if (stillMissing.length > 0) {
    complain(['', 'Still missing; the output above says why. By hand:', ...stillMissing.map(byHand)].join('\n'));
    return 1;
  }
  say(`\nEverything is installed. ${nextStep(dev)}`);
  return 0;
}

function nextStep(dev: boolean): string {
  return dev ? 'Next: npm run demo, or npm test.' : 'Next: npm run demo';
}
