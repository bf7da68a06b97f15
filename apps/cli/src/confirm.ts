import { createInterface } from 'node:readline/promises';
import { UsageError } from './command-error.ts';

/** Asks on the terminal, unless `--yes` was said. @throws UsageError where nobody can answer */
export async function confirm(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) throw new UsageError(`${question} Say --yes: nobody can be asked here.`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
