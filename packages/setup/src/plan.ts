import { type Facts, missingOf } from './machine.ts';
import { type Command, type Manager, managers } from './managers.ts';
import type { Requirement } from './requirement.ts';

export type Plan =
  | { status: 'complete' }
  | { status: 'install'; refresh: readonly Command[]; steps: readonly Step[] }
  | { status: 'blocked'; reason: string; advice: readonly string[] };

/** One success is enough: each is tried only if the one before failed. */
export type Step = { requirement: Requirement; attempts: readonly Command[] };

export function planFor(facts: Facts): Plan {
  const missing = missingOf(facts);
  if (missing.length === 0) {
    return { status: 'complete' };
  }
  if (facts.platform === 'win32') {
    return {
      status: 'blocked',
      reason: 'taskwire does not run on Windows itself.',
      advice: ['Use WSL ("wsl --install", then this again inside it) or Docker.'],
    };
  }

  const present = managers.filter((manager) => facts.tools.has(manager.name));
  const usable = present.find((manager) => isUsable(manager, facts));
  return usable ? installWith(usable, { missing, facts }) : blockedWith(present[0], missing);
}

export function byHand({ name, byHand }: Requirement): string {
  return `${name}: ${byHand}.`;
}

function isUsable(manager: Manager, facts: Facts): boolean {
  return manager.runsAs === 'root' ? facts.isRoot || facts.tools.has('sudo') : !facts.isRoot;
}

function installWith(manager: Manager, { missing, facts }: { missing: Requirement[]; facts: Facts }): Plan {
  const prefix = manager.runsAs === 'root' && !facts.isRoot ? ['sudo'] : [];
  const steps = stepsOf(manager, missing).map(({ requirement, attempts }) => ({
    requirement,
    attempts: requirement.command ? attempts : attempts.map((command) => [...prefix, ...command]),
  }));

  if (steps.length === 0) {
    return { status: 'blocked', reason: `${manager.name} has no package for it.`, advice: missing.map(byHand) };
  }
  return { status: 'install', refresh: manager.refresh.map((command) => [...prefix, ...command]), steps };
}

function blockedWith(manager: Manager | undefined, missing: Requirement[]): Plan {
  if (manager === undefined) {
    return {
      status: 'blocked',
      reason: `None of ${managers.map(({ name }) => name).join(', ')} is on PATH.`,
      advice: missing.map(byHand),
    };
  }
  if (manager.runsAs === 'user') {
    return {
      status: 'blocked',
      reason: `${manager.name} refuses to run as root.`,
      advice: ['Run this as a normal user.'],
    };
  }
  const firstAttempts = stepsOf(manager, missing).flatMap(({ attempts }) => attempts.slice(0, 1));
  return {
    status: 'blocked',
    reason: `${manager.name} needs root, and there is no sudo. Run this as root:`,
    advice: [...manager.refresh, ...firstAttempts].map(commandLine),
  };
}

function stepsOf(manager: Manager, missing: Requirement[]): Step[] {
  return missing
    .map((requirement) => {
      const attempts = requirement.packages[manager.name].map(manager.install);
      return { requirement, attempts: requirement.command ? [requirement.command] : attempts };
    })
    .filter(({ attempts }) => attempts.length > 0);
}

export function commandLine(command: Command): string {
  return command.join(' ');
}
