import type { Requirement } from './requirements.ts';

/** What was found out about the machine. */
export type Facts = {
  platform: NodeJS.Platform;
  nodeVersion: string;
  isRoot: boolean;
  /** Those of `sudo` and the package managers that are on PATH. */
  tools: ReadonlySet<string>;
  findings: readonly Finding[];
};

export type Finding = { requirement: Requirement } & ({ status: 'found'; path: string } | { status: 'missing' });

export function missingOf(facts: Facts): Requirement[] {
  return facts.findings.flatMap((finding) => (finding.status === 'missing' ? [finding.requirement] : []));
}
