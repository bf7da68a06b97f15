import { type Machine, redisServer, setUp } from '@taskwire/setup';
import { requirementsOfTests } from './requirements.ts';

type Context = {
  argv: readonly string[];
  machine?: Machine;
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

/** `taskwire setup`, and what the tests of this repository need. Returns the exit code; 2 for wrong usage. */
export async function runSetup({ argv, ...context }: Context): Promise<number> {
  const unknown = argv.find((arg) => !['--dev', '--spark', '--bench', '--check', '--help', '-h'].includes(arg));
  if (unknown !== undefined) {
    context.complain(`npm run setup does not know "${unknown}"; it takes --dev, --spark, --bench, --check and --help.`);
    return 2;
  }
  if (argv.includes('--help') || argv.includes('-h')) {
    context.say(HELP);
    return 0;
  }
  const options = argv.filter((arg) => arg !== '--check');
  return setUp({
    ...context,
    wanted: [
      redisServer,
      ...requirementsOfTests.filter(({ options }) => options.some((option) => argv.includes(option))),
    ],
    isCheck: argv.includes('--check'),
    command: ['npm run setup', ...(options.length > 0 ? ['--'] : []), ...options].join(' '),
    next: nextStep(options),
  });
}

function nextStep(options: readonly string[]): string {
  if (options.includes('--bench')) return 'npm run bench';
  if (options.includes('--spark')) return 'npm run test:spark';
  return options.includes('--dev') ? 'npm run demo, or npm test' : 'npm run demo';
}
