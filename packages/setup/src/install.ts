import type { Machine } from './machine.ts';
import type { Command } from './managers.ts';
import { commandLine, type Plan } from './plan.ts';

type Install = {
  plan: Plan & { status: 'install' };
  machine: Machine;
  say: (text: string) => void;
};

/** Says what will run, and runs it. The caller checks whether it helped. */
export async function install({ plan: { refresh, steps }, machine, say }: Install): Promise<void> {
  const commands = [...refresh, ...steps.flatMap(({ attempts }) => attempts.slice(0, 1))].map(commandLine);
  say(['', 'This will run:', ...new Set(commands.map((line) => `  ${line}`))].join('\n'));

  const run = (command: Command) => {
    say(`\n$ ${commandLine(command)}`);
    return machine.run(command);
  };
  // The old package list is often good enough.
  for (const command of refresh) {
    await run(command);
  }
  for (const { requirement, attempts } of steps) {
    // Check again: one package may install what the next one is for.
    const { findings } = await machine.inspect([requirement]);
    if (findings.some(({ status }) => status === 'missing')) {
      await untilOneSucceeds(attempts, run);
    }
  }
}

async function untilOneSucceeds(attempts: readonly Command[], run: (command: Command) => Promise<boolean>) {
  for (const command of attempts) {
    if (await run(command)) {
      return;
    }
  }
}
