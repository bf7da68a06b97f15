const STEPS = 4;

export interface Axis {
  low: number;
  high: number;
  /** From the lowest to the highest, equally far from each other. */
  ticks: number[];
  format: (value: number) => string;
}

/** An axis on which all values lie, with round numbers on it. Of equal values, 0 is the other end. */
export function axisOf(values: readonly number[]): Axis {
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const [from, to] = least === most ? [Math.min(least, 0), Math.max(most, 0)] : [least, most];
  const step = roundStep((to - from) / STEPS || 1 / STEPS);
  const first = Math.floor(from / step);
  const count = Math.max(1, Math.ceil(to / step) - first);
  const decimals = Math.min(20, Math.max(0, -Math.floor(Math.log10(step))));
  const ticks = Array.from({ length: count + 1 }, (_, index) => Number(((first + index) * step).toFixed(decimals)));
  const isLarge = ticks.some((tick) => Math.abs(tick) >= 1e7);
  const format = new Intl.NumberFormat('en-US', {
    maximumFractionDigits: isLarge ? 2 : decimals,
    ...(isLarge && { notation: 'compact' }),
  });
  return { low: ticks[0] ?? 0, high: ticks.at(-1) ?? 1, ticks, format: (value) => format.format(value) };
}

/** 1, 2 or 5 times a power of ten, not below what is given. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}
