import type { Facts } from './facts.ts';

/** One line per requirement: where it is, or what it would be for. */
export function inventory({ nodeVersion, findings }: Facts): string {
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
