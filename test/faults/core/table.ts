import type { Row } from './scenario.ts';

const HEADS = [
  'fault',
  'published',
  'accepted',
  'results',
  'lost (id / no id / stream)',
  'double results',
  'double runs',
  'recovery',
  'longest wait',
];

/** The rows as a table in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [HEADS, HEADS.map(() => '---'), ...rows.map(cellsOf)];
  return `${cells.map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;
}

function cellsOf(row: Row): string[] {
  const failed = [...row.errors].map(([code, times]) => `${times} ${code}`);
  return [
    row.name,
    number(row.published),
    number(row.accepted),
    number(row.results) + (failed.length > 0 ? ` (${failed.join(', ')})` : ''),
    `${row.lost.id} / ${row.lost['no id']} / ${row.lost.stream}`,
    number(row.doubleResults),
    number(row.doubleRuns),
    row.recoveryMs === undefined ? '–' : seconds(row.recoveryMs),
    seconds(row.longestMs),
  ];
}

/** One line for a terminal. */
export function lineOf(row: Row): string {
  const [name, ...rest] = cellsOf(row);
  const named = rest.map((cell, index) => `${HEADS[index + 1]} ${cell}`);
  const verdict = row.broken.length === 0 ? 'held' : `BROKEN: ${row.broken.join('; ')}`;
  if (row.crashes > 0) named.push(`${row.crashes} crashes`);
  return `${name}\n  ${named.join(', ')}\n  ${verdict}\n`;
}

function number(value: number): string {
  return value.toLocaleString('en');
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never';
}
