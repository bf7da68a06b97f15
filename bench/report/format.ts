import { type Spread, spread } from '../measure/statistics.ts';

/** With as many digits as say something. */
export function digits(value: number): string {
  const fraction = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: fraction, minimumFractionDigits: fraction });
}

export function percent(value: number): string {
  return `${digits(value * 100)} %`;
}

/** Median and range, or the only value. */
export function spreadText({ median, min, max }: Spread): string {
  return min === max ? digits(median) : `${digits(median)} (${digits(min)} to ${digits(max)})`;
}

export function spreadOf<Item>(items: readonly Item[], figure: (item: Item) => number): string {
  return spreadText(spread(items.map(figure)));
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
