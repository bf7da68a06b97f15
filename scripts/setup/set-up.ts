import { install } from './install.ts';
import { type Facts, type Machine, missingOf } from './machine.ts';
import { byHand, planFor } from './plan.ts';
import { requirements } from './requirements.ts';

type Context = {
  argv: readonly string[];
  machine: Machine;
  say: (text: string) => void;
  complain: (text: string) => void;
};

const HELP = `npm run setup [-- OPTIONS]

Installs the programs that taskwire needs with this system's package manager, saying what it runs before it runs it.

  --dev    also what the tests need
  --check  only report; exit 1 if something is missing
  --help   show this text`;

/** Finds out what is missing, installs it and looks again. Returns the exit code: 0 all found, 1 not, 2 wrong usage. */
export async function setUp({ argv, machine, say, complain }: Context): Promise<number> {
  const unknown = argv.find((arg) => !['--dev', '--check', '--help', '-h'].includes(arg));
  if (unknown !== undefined) {
    complain(`npm run setup does not know "${unknown}"; it takes --dev, --check and --help.`);
    return 2;
  }
  if (argv.includes('--help') || argv.includes('-h')) {
    say(HELP);
    return 0;
  }
  const dev = argv.includes('--dev');
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
      if (argv.includes('--check')) {
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

/** One line per requirement: its path, or its purpose. */
function inventory({ nodeVersion, findings }: Facts): string {
  const rows: [string, string][] = [
    ['Node.js', nodeVersion],
    ...findings.map((finding): [string, string] => [
      finding.requirement.name,
      finding.status === 'found' ? finding.path : `missing (it ${finding.requirement.purpose})`,
    ]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, state]) => `${name.padEnd(width)}  ${state}`).join('\n');
}

function nextStep(dev: boolean): string {
  return dev ? 'Next: npm run demo, or npm test.' : 'Next: npm run demo';
}
