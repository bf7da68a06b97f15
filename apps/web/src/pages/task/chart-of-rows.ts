import { signedBars } from '../shared/chart-geometry.ts';
import { plainText } from '../shared/exact-json.ts';
import type { Column } from './sorting.ts';

/** Fewer are read from the table; more would be narrower than a pixel. */
const LEAST_ROWS = 2;
const MOST_ROWS = 400;

/** A chart where the columns suit: one of numbers, and one of labels or times. */
export function chartOf(columns: readonly Column[], rows: readonly Record<string, unknown>[]) {
  const [first, second] = columns;
  if (columns.length !== 2 || !first || !second || rows.length < LEAST_ROWS || rows.length > MOST_ROWS)
    return undefined;
  // A year or an id is a number as well: of two numbers, the second one is measured.
  const [label, number] = second.isNumber ? [first, second] : [second, first];
  if (!number.isNumber) return undefined;
  const points = rows.map((row) => ({
    label: plainText(row[label.name] ?? null),
    value: Number(plainText(row[number.name])),
    text: plainText(row[number.name] ?? null),
  }));
  const reading = ({ label, text }: (typeof points)[number]) => ({
    when: label,
    values: [text],
    sentence: `${label}: ${text}`,
  });
  const all = { when: `by ${label.name}`, values: [], sentence: `${points.length} values` };
  return {
    points,
    title: number.name,
    label: `${number.name} by ${label.name}`,
    kind: 'bars' as const,
    draw: (shown: Readonly<typeof points>) => signedBars(shown.map(({ value }) => value)),
    scale: (top: number) => String(top),
    whole: () => all,
    part: reading,
    nothing: 'All are 0',
    ends: [points[0]?.label ?? '', points.at(-1)?.label ?? ''] as [string, string],
  };
}
