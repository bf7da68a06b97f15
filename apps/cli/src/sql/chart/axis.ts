import { tickLabels } from './tick-labels.ts';

const STEPS = 4;

/** Steps finer than this fraction of the values are lost in rounding. */
const LEAST_RELATIVE_STEP = 2 ** -50;
/** Smaller numbers have fewer digits. */
const LEAST_STEP = 1e-306;

export interface Axis {
  /** From lowest to highest, evenly spaced. */
  ticks: number[];
  /** One for each tick. */
  labels: string[];
  /** The height of a value: 0 at the lowest tick, 1 at the next one. */
  heightOf: (value: number) => number;
}

/** An axis with round numbers that holds all values. If they are equal, its other end is 0. */
export function axisOf(values: readonly number[]): Axis {
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const [from, to] = least === most ? [Math.min(least, 0), Math.max(most, 0)] : [least, most];
  const { factor, exponent } = roundStep(leastStep(from, to));
  const step = factor * 10 ** exponent;
  const first = Math.floor(from / step);
  const count = Math.max(1, Math.ceil(to / step) - first);
  // From decimal digits: a multiple of 0.1 is seldom exact.
  const ticks = Array.from({ length: count + 1 }, (_, at) => finite(Number(`${(first + at) * factor}e${exponent}`)));
  return { ticks, labels: tickLabels(ticks, exponent), heightOf: (value) => value / step - first };
}

/** Divides each by itself: their difference may overflow. */
function leastStep(from: number, to: number): number {
  const even = from === to ? 1 / STEPS : to / STEPS - from / STEPS;
  return Math.max(even, LEAST_RELATIVE_STEP * Math.max(Math.abs(from), Math.abs(to)), LEAST_STEP);
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function roundStep(least: number): { factor: number; exponent: number } {
  const exponent = Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((one) => one * 10 ** exponent >= least);
  return factor ? { factor, exponent } : { factor: 1, exponent: exponent + 1 };
}

function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
