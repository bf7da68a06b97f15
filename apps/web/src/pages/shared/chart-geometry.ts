import type { MinuteOfQueue } from '@taskwire/monitoring';

/** Drawings are as wide as there are minutes, and this high; the page stretches them. */
export const HEIGHT = 100;

const BAR_WIDTH = 0.78;
const GAP = (1 - BAR_WIDTH) / 2;

/** The axis of values below 1 is as fine as this many parts. */
const FINEST = 1e12;

/** The least height of failures: one among a thousand must not vanish. */
const LEAST_FAILED_HEIGHT = 6;

/** The next number that reads well on an axis: 1, 2 or 5 and zeros. */
export function niceCeiling(value: number) {
  if (value <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
  return factor * power;
}

/** Bars of completed tasks with the failed ones on top, as path data. */
export function barPaths(history: readonly MinuteOfQueue[]) {
  const top = niceCeiling(Math.max(0, ...history.map(({ completed, failed }) => completed + failed)));
  let completedPath = '';
  let failedPath = '';
  history.forEach(({ completed, failed }, minute) => {
    const failedHeight = failed === 0 ? 0 : Math.max(LEAST_FAILED_HEIGHT, (failed / top) * HEIGHT);
    const completedHeight = Math.min(HEIGHT - failedHeight, (completed / top) * HEIGHT);
    completedPath += bar(minute, 0, completedHeight);
    failedPath += bar(minute, completedHeight, failedHeight);
  });
  return { top, paths: [completedPath, failedPath] };
}

function bar(minute: number, bottom: number, height: number) {
  if (height === 0) return '';
  return `M${round(minute + GAP)} ${round(HEIGHT - bottom)}v${round(-height)}h${BAR_WIDTH}v${round(height)}z`;
}

/** A bar for each value, up or down from zero, as path data. No bar: what is no number. */
export function signedBars(values: readonly number[]) {
  const numbers = values.filter(Number.isFinite);
  const most = Math.max(0, ...numbers.map(Math.abs));
  const top = most > 0 && most < 1 ? niceCeiling(most * FINEST) / FINEST : niceCeiling(most);
  const isSigned = numbers.some((value) => value < 0);
  const zero = isSigned ? HEIGHT / 2 : 0;
  const unit = (HEIGHT - zero) / top;
  const path = values.map((value, place) => {
    if (!Number.isFinite(value)) return '';
    return bar(place, zero + Math.min(0, value * unit), Math.abs(value * unit));
  });
  return { top, paths: [path.join('')] };
}

/** The median as an area and the 95th percentile as a line, as path data. Minutes without tasks leave gaps. */
export function latencyPaths(history: readonly MinuteOfQueue[]) {
  const top = niceCeiling(Math.max(0, ...history.map(({ p50_ms, p95_ms }) => Math.max(p50_ms ?? 0, p95_ms ?? 0))));
  const y = (ms: number) => round(HEIGHT - (ms / top) * HEIGHT);
  let p50 = '';
  let p95 = '';
  for (const run of runsOf(history)) {
    const first = run[0]?.minute ?? 0;
    // From edge to edge of its minutes, so that a single minute shows as well.
    p50 += `M${first} ${HEIGHT}${run.map(({ minute, p50_ms }) => `L${minute} ${y(p50_ms)}h1`).join('')}V${HEIGHT}z`;
    p95 += run.map(({ minute, p95_ms }, i) => `${i === 0 ? 'M' : 'L'}${minute} ${y(p95_ms)}h1`).join('');
  }
  return { top, paths: [p50, p95] };
}

/** Neighbouring minutes in which tasks ended. */
function runsOf(history: readonly MinuteOfQueue[]) {
  const runs: { minute: number; p50_ms: number; p95_ms: number }[][] = [];
  history.forEach(({ p50_ms, p95_ms }, minute) => {
    if (p50_ms === null || p95_ms === null) return;
    const run = runs.at(-1);
    if (run?.at(-1)?.minute === minute - 1) run.push({ minute, p50_ms, p95_ms });
    else runs.push([{ minute, p50_ms, p95_ms }]);
  });
  return runs;
}

/** Which minute a pointer means. @param fraction of the width: 0 is the left edge */
export function minuteAt(fraction: number, minutes: number) {
  return Math.min(minutes - 1, Math.max(0, Math.floor(fraction * minutes)));
}

function round(value: number) {
  return Math.round(value * 100) / 100;
}
