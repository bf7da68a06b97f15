import { tickLabels } from './tick-labels.ts';

const STEPS = 4;

/** Finer steps than this part of the values are lost in their rounding. */
const LEAST_RELATIVE_STEP = 2 ** -50;
/** Smaller numbers have fewer digits. */
const LEAST_STEP = 1e-306;

export interface Axis {
  /** From the lowest to the highest, equally far from each other. */
  ticks: number[];
  /** What stands at them. */
  labels: string[];
  /** How high on the axis a value lies: 0 at the lowest tick, 1 at the next one. */
  heightOf: (value: number) => number;
}

/** An axis on which all values lie, with round numbers on it. Of equal values, 0 is the other end. */
export function axisOf(values: readonly number[]): Axis {
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const most = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const [from, to] = least === most ? [Math.min(least, 0), Math.max(most, 0)] : [least, most];
  const { factor, exponent } = roundStep(leastStep(from, to));
  const step = factor * 10 ** exponent;
  const first = Math.floor(from / step);
  const count = Math.max(1, Math.ceil(to / step) - first);
  // By its decimal digits: a multiple of 0.1 is seldom the number that is meant.
  const ticks = Array.from({ length: count + 1 }, (_, at) => finite(Number(`${(first + at) * factor}e${exponent}`)));
  return { ticks, labels: tickLabels(ticks, exponent), heightOf: (value) => value / step - first };
}

/** Each by itself: their difference may be more than a number can be. */
function leastStep(from: number, to: number): number {
  const even = from === to ? 1 / STEPS : to / STEPS - from / STEPS;
  return Math.max(even, LEAST_RELATIVE_STEP * Math.max(Math.abs(from), Math.abs(to)), LEAST_STEP);
}

/** 1, 2 or 5 times a power of ten, not below what is given. */
function roundStep(least: number): { factor: number; exponent: number } {
  const exponent = Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((one) => one * 10 ** exponent >= least);
  return factor ? { factor, exponent } : { factor: 1, exponent: exponent + 1 };
}

function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
