export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the given fraction of the values lies. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(fraction * (sorted.length - 1))] ?? Number.NaN;
}

/** Median and range of the ratios of two series, round by round: valid even if the machine's speed drifts. */
export function ratios(values: readonly number[], bases: readonly number[]): string {
  const all = values.map((value, round) => value / (bases[round] ?? Number.NaN));
  return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)} to ${Math.max(...all).toFixed(2)})`;
}
