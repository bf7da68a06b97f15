/** @import { Column } from './sorting.js' */

import { signedBars } from '../shared/chart-geometry.js';
import { plainText } from '../shared/exact-json.js';

/** Fewer are read from the table; more would be narrower than a pixel. */
const LEAST_ROWS = 2;
const MOST_ROWS = 400;

/**
 * A chart where the columns suit: one of numbers, and one of labels or times.
 *
 * @param {readonly Column[]} columns
 * @param {readonly Record<string, unknown>[]} rows
 */
export function chartOf(columns, rows) {
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
  const reading = (/** @type {(typeof points)[number]} */ { label, text }) => ({
    when: label,
    values: [text],
    sentence: `${label}: ${text}`,
  });
  const all = { when: `by ${label.name}`, values: [], sentence: `${points.length} values` };
  return {
    points,
    title: number.name,
    label: `${number.name} by ${label.name}`,
    kind: /** @type {const} */ ('bars'),
    draw: (/** @type {Readonly<typeof points>} */ shown) => signedBars(shown.map(({ value }) => value)),
    scale: (/** @type {number} */ top) => String(top),
    whole: () => all,
    part: reading,
    nothing: 'All are 0',
    ends: /** @type {[string, string]} */ ([points[0]?.label ?? '', points.at(-1)?.label ?? '']),
  };
}
