export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Of the ratios of two series, round by round: valid even if the machine's speed drifts. */
export function ratios(values: readonly number[], bases: readonly number[]): Spread {
  return spread(values.map((value, round) => value / (bases[round] ?? Number.NaN)));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which the given fraction of the values lies. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(fraction * (sorted.length - 1))] ?? Number.NaN;
}
