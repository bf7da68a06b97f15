export type Options =
  | { status: 'run'; dev: boolean; checkOnly: boolean }
  | { status: 'help'; text: string }
  | { status: 'refused'; reason: string };

const help = `npm run setup [-- OPTIONS]

Installs the programs that taskwire needs with this system's package manager, saying what it runs before it runs it.

  --dev    also what the tests need
  --check  only report; exit 1 if something is missing
  --help   show this text`;

export function readOptions(argv: readonly string[]): Options {
  const unknown = argv.find((arg) => !['--dev', '--check', '--help', '-h'].includes(arg));

  if (unknown !== undefined) {
    return {
      status: 'refused',
      reason: `npm run setup does not know "${unknown}"; it takes --dev, --check and --help.`,
    };
  }
  if (argv.includes('--help') || argv.includes('-h')) {
    return { status: 'help', text: help };
  }
  return { status: 'run', dev: argv.includes('--dev'), checkOnly: argv.includes('--check') };
}
