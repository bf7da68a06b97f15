/** Above it, plain numbers take too much room. */
const MAX_PLAIN = 1e7;
const MAX_COMPACT = 1e15;
const MAX_PLAIN_DECIMALS = 7;
const MAX_COMPACT_DECIMALS = 3;
/** Limit of `Intl.NumberFormat`; numbers have fewer. */
const MAX_DECIMALS = 20;

/**
 * Distinct labels of round numbers: as they are, or as `10.25M`, or as `1.5E300`.
 *
 * @param exponent the power of ten of the last digit in which they differ.
 */
export function tickLabels(ticks: readonly number[], exponent: number): string[] {
  const largest = ticks.reduce((most, tick) => Math.max(most, Math.abs(tick)), 0);
  const magnitude = Math.floor(Math.log10(largest));
  const plain = Math.max(0, -exponent);
  const compact = Math.max(0, magnitude - (magnitude % 3) - exponent);
  const scientific = Math.min(MAX_DECIMALS, Math.max(0, magnitude - exponent));
  if (largest < MAX_PLAIN && plain <= MAX_PLAIN_DECIMALS) return formatted(ticks, plain);
  if (largest >= MAX_PLAIN && largest < MAX_COMPACT && compact <= MAX_COMPACT_DECIMALS) {
    return formatted(ticks, compact, 'compact');
  }
  // An exponent would not be shorter.
  if (largest < MAX_COMPACT && largest >= 1 && plain <= MAX_PLAIN_DECIMALS) return formatted(ticks, plain);
  return formatted(ticks, scientific, 'scientific');
}

function formatted(
  ticks: readonly number[],
  maximumFractionDigits: number,
  notation: 'standard' | 'compact' | 'scientific' = 'standard',
): string[] {
  const format = new Intl.NumberFormat('en-US', { maximumFractionDigits, notation });
  return ticks.map((tick) => (tick === 0 ? '0' : format.format(tick)));
}
