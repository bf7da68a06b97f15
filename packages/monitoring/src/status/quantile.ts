/**
 * Estimates a quantile from the buckets of a histogram, as Prometheus' `histogram_quantile` does: evenly spread within a
 * bucket, up to the longest value. What lies above the largest finite limit counts as that limit if no longest is known.
 *
 * @param buckets upper limits in ascending order with cumulative counts; a bucket that is missing below the first one
 *   is empty.
 * @param longest the largest value that was counted, if it is known.
 * @returns null when nothing was counted.
 */
export function quantile(
  buckets: readonly (readonly [limit: number, count: number])[],
  q: number,
  longest = Number.POSITIVE_INFINITY,
): number | null {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  const rank = q * total;
  let below = { limit: 0, count: 0 };
  for (const [limit, count] of buckets) {
    if (count >= rank) {
      const upper = Math.min(limit, longest);
      if (upper === Number.POSITIVE_INFINITY) return below.limit;
      return below.limit + ((upper - below.limit) * (rank - below.count)) / (count - below.count);
    }
    below = { limit, count };
  }
  return below.limit;
}
