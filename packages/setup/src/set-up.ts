import { install } from './install.ts';
import { type Facts, localMachine, type Machine, missingOf } from './machine.ts';
import { byHand, planFor } from './plan.ts';
import type { Requirement } from './requirement.ts';

export interface SetupOptions {
  wanted: readonly Requirement[];
  /** Report what is missing, and install nothing. */
  isCheck: boolean;
  /** How a user runs this. */
  command: string;
  /** What can be done when nothing is missing. */
  next: string;
  machine?: Machine;
  say?: (text: string) => void;
  complain?: (text: string) => void;
}

/** Finds out what is missing, installs it and looks again. Returns the exit code: 0 all found, 1 not. */
export async function setUp({ wanted, isCheck, command, next, ...context }: SetupOptions): Promise<number> {
  const { machine = localMachine, say = console.log, complain = console.error } = context;
  const facts = await machine.inspect(wanted);
  const plan = planFor(facts);
  say(inventory(facts));

  switch (plan.status) {
    case 'complete':
      say(`\nNothing is missing. Next: ${next}`);
      return 0;
    case 'blocked':
      complain(['', plan.reason, ...plan.advice].join('\n'));
      return 1;
    case 'install':
      if (isCheck) {
        complain(`\nSomething is missing. To install it: ${command}`);
        return 1;
      }
      await install({ plan, machine, say });
  }

  const stillMissing = missingOf(await machine.inspect(wanted));
  if (stillMissing.length > 0) {
    complain(['', 'Still missing; the output above says why. By hand:', ...stillMissing.map(byHand)].join('\n'));
    return 1;
  }
  say(`\nEverything is installed. Next: ${next}`);
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
