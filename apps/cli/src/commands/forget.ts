import { countedInWords } from '@taskwire/monitoring/status';
import { Command } from 'commander';
import { askWeb } from '../ask-web.ts';
import { confirm } from '../confirm.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { print, printJson } from '../output/print.ts';
import { visible } from '../output/terminal-text.ts';

interface ForgetOptions {
  user: string;
  cancel?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** As `POST /forget` answers. */
interface Forgotten {
  open: string[];
  removed: Record<keyof typeof WHAT, number>;
}

const WHAT = {
  history: ['task of the history', 'tasks of the history'],
  results: ['stored result', 'stored results'],
  stream_entries: ['result in the results stream', 'results in the results stream'],
  jobs: ['kept job', 'kept jobs'],
  latest: ['line in the latest results', 'lines in the latest results'],
  files: ['file of rows', 'files of rows'],
} as const;

const NAMED = 20;

export function forgetCommand(finish: Finish): Command {
  return new Command('forget')
    .description('remove what is known of the ended tasks of a user, everywhere, for good')
    .requiredOption('--user <id>', '7 means the number and the text')
    .option('--cancel', 'cancel the tasks of the user that have not ended, and remove these, too')
    .option('--yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async (options: ForgetOptions) => finish(await forget(options)));
}

async function forget({ user, cancel = false, yes, json }: ForgetOptions): Promise<number> {
  const question = `Remove all that is known of the tasks of user ${visible(user)}, for good?`;
  if (!(await confirm(question, yes))) return EXIT_CODE.failed;
  const { open, removed } = await askWeb<Forgotten>('POST', '/forget', { user, cancel });
  if (json) printJson({ open, removed });
  else {
    const found = Object.entries(WHAT).filter(([what]) => removed[what as keyof typeof WHAT] > 0);
    for (const [what, [one, several]] of found) {
      print(`removed: ${countedInWords(removed[what as keyof typeof WHAT], one, several)}`);
    }
    if (found.length === 0) print(`Nothing is known of ended tasks of user ${visible(user)}.`);
    if (open.length > 0) {
      const more = open.length > NAMED ? ', …' : '';
      const fix = cancel ? 'Say it again when they have ended.' : 'With --cancel they are cancelled and removed.';
      print(
        `not ended, or in a job that has not, so not all removed: ${open.slice(0, NAMED).join(', ')}${more}. ${fix}`,
      );
    }
  }
  return open.length > 0 ? EXIT_CODE.failed : EXIT_CODE.ok;
}
