import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { type Command, managers } from './managers.ts';
import type { Requirement } from './requirement.ts';

/** Facts about the machine. */
export type Facts = {
  platform: NodeJS.Platform;
  nodeVersion: string;
  isRoot: boolean;
  /** Which of `sudo` and the package managers are on PATH. */
  tools: ReadonlySet<string>;
  findings: readonly Finding[];
};

export type Finding = { requirement: Requirement } & ({ status: 'found'; path: string } | { status: 'missing' });

export function missingOf(facts: Facts): Requirement[] {
  return facts.findings.flatMap((finding) => (finding.status === 'missing' ? [finding.requirement] : []));
}

/** What setup needs from its machine. */
export type Machine = {
  inspect: (requirements: readonly Requirement[]) => Promise<Facts>;
  /** Runs it with our input and output; true if the exit code is 0. */
  run: (command: Command) => Promise<boolean>;
};

const execute = promisify(execFile);
const tools = ['sudo', ...managers.map((manager) => manager.name)];

export const localMachine: Machine = { inspect, run };

async function inspect(requirements: readonly Requirement[]): Promise<Facts> {
  const paths = await locate([...tools, ...requirements.flatMap((requirement) => requirement.programs)]);
  return {
    platform: process.platform,
    nodeVersion: process.versions.node,
    isRoot: process.getuid?.() === 0,
    tools: new Set(tools.filter((name) => paths.has(name))),
    findings: await Promise.all(requirements.map((requirement) => find(requirement, paths))),
  };
}

async function find(requirement: Requirement, paths: Map<string, string>): Promise<Finding> {
  const path = requirement.programs.map((name) => paths.get(name)).find((found) => found !== undefined);
  const works = path !== undefined && (await succeeds([path, ...requirement.proof]));
  return works ? { requirement, status: 'found', path } : { requirement, status: 'missing' };
}

/** The paths of the programs that exist, by name; one shell for all. */
async function locate(names: readonly string[]): Promise<Map<string, string>> {
  const script = 'for name; do printf "%s\\t%s\\n" "$name" "$(command -v "$name")"; done';
  const { stdout } = await execute('sh', ['-c', script, 'sh', ...names]).catch(() => ({ stdout: '' }));
  const pairs = stdout.split('\n').map((line): [string, string] => {
    const [name = '', path = ''] = line.split('\t');
    return [name, path];
  });
  return new Map(pairs.filter(([, path]) => path !== ''));
}

async function succeeds([file = '', ...args]: Command): Promise<boolean> {
  return execute(file, args, { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

async function run([file = '', ...args]: Command): Promise<boolean> {
  const child = spawn(file, args, { stdio: 'inherit' });
  const [exitCode] = await once(child, 'close').catch(() => [null]);
  return exitCode === 0;
}
