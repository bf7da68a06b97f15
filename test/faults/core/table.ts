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
  return markdown(rows.map(cellsOf));
}

/**
 * A page with a table of an earlier run: rows of the same fault are replaced, new ones are added, and all are in the order of the
 * names.
 */
export function updated(page: string, rows: readonly Row[], names: readonly string[]): string {
  const old = page.split('\n').filter((line) => line.startsWith('|') && names.includes(cellsIn(line)[0] as string));
  const all = new Map([...old.map(cellsIn), ...rows.map(cellsOf)].map((cells) => [cells[0] as string, cells]));
  const table = markdown(names.flatMap((name) => (all.has(name) ? [all.get(name) as string[]] : [])));
  const { before, after } = TABLE.exec(page)?.groups ?? {};
  if (before === undefined) throw new Error('the page has no place for a table of faults');
  return `${before}\n${table}\n${after}`;
}

const TABLE = /^(?<before>.*<!-- faults -->\n)(?:.*)(?<after><!-- \/faults -->.*)$/s;

function cellsIn(line: string): string[] {
  return line.slice(2, -2).split(' | ');
}

function markdown(rows: readonly string[][]): string {
  return `${[HEADS, HEADS.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')}\n`;
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
