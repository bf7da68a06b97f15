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
  --spark  also Spark, for npm run test:spark: 0.8 GB, once per machine
  --bench  also what npm run bench compares with: Celery
  --check  only report; exit 1 if something is missing
  --help   show this text`;

/** Finds out what is missing, installs it and looks again. Returns the exit code: 0 all found, 1 not, 2 wrong usage. */
export async function setUp({ argv, machine, say, complain }: Context): Promise<number> {
  const unknown = argv.find((arg) => !['--dev', '--spark', '--bench', '--check', '--help', '-h'].includes(arg));
  if (unknown !== undefined) {
    complain(`npm run setup does not know "${unknown}"; it takes --dev, --spark, --bench, --check and --help.`);
    return 2;
  }
  if (argv.includes('--help') || argv.includes('-h')) {
    say(HELP);
    return 0;
  }
  const options = argv.filter((arg) => arg !== '--check');
  const wanted = requirements.filter(({ options }) => !options || options.some((option) => argv.includes(option)));
  const facts = await machine.inspect(wanted);
  const plan = planFor(facts);
  say(inventory(facts));

  switch (plan.status) {
    case 'complete':
      say(`\nNothing is missing. ${nextStep(options)}`);
      return 0;
    case 'blocked':
      complain(['', plan.reason, ...plan.advice].join('\n'));
      return 1;
    case 'install':
      if (argv.includes('--check')) {
        complain(
          `\nSomething is missing. To install it: ${['npm run setup', ...(options.length > 0 ? ['--'] : []), ...options].join(' ')}`,
        );
        return 1;
      }
      await install({ plan, machine, say });
  }

  const stillMissing = missingOf(await machine.inspect(wanted));
  if (stillMissing.length > 0) {
    complain(['', 'Still missing; the output above says why. By hand:', ...stillMissing.map(byHand)].join('\n'));
    return 1;
  }
  say(`\nEverything is installed. ${nextStep(options)}`);
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

function nextStep(options: readonly string[]): string {
  if (options.includes('--bench')) return 'Next: npm run bench';
  if (options.includes('--spark')) return 'Next: npm run test:spark';
  return options.includes('--dev') ? 'Next: npm run demo, or npm test.' : 'Next: npm run demo';
}
