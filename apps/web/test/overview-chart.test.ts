import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hour } from './overview-fixtures.ts';
import { pageModule } from './overview-page-module.ts';

const { barPaths, HEIGHT, latencyPaths, minuteAt, niceCeiling } = await pageModule('shared/chart-geometry');
const { latencyOfHour, latencyOfMinute, throughputOfHour, throughputOfMinute } =
  await pageModule('overview/chart-text');

test.each([
  [0, 1],
  [1, 1],
  [1.2, 2],
  [4, 5],
  [42, 50],
  [100, 100],
  [101, 200],
  [5001, 10_000],
])('an axis for values up to %d ends at %d', (value, top) => {
  expect(niceCeiling(value)).toBe(top);
});

test('an axis is never shorter than the value, nor more than two and a half times as long', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (value) => {
      expect(niceCeiling(value)).toBeGreaterThanOrEqual(value);
      expect(niceCeiling(value)).toBeLessThanOrEqual(2.5 * value);
    }),
  );
});

test('draws completed tasks as bars from the ground, and failed ones on top of them', () => {
  const { top, paths } = barPaths(hour((minute) => (minute === 10 ? { completed: 6, failed: 2 } : {})));
  expect(top).toBe(10);
  expect(paths).toEqual(['M10.11 100v-60h0.78v60z', 'M10.11 40v-20h0.78v20z']);
});

test('draws one failure among a thousand so that it can be seen, and within the chart', () => {
  const { paths } = barPaths(hour((minute) => (minute === 0 ? { completed: 999, failed: 1 } : {})));
  expect(paths).toEqual(['M0.11 100v-94h0.78v94z', 'M0.11 6v-6h0.78v6z']);
});

test('draws nothing where nothing has happened', () => {
  expect(barPaths(hour()).paths).toEqual(['', '']);
  expect(latencyPaths(hour()).paths).toEqual(['', '']);
});

test('draws latencies with a gap where no task has ended, and a minute alone as wide as a minute', () => {
  const { top, paths } = latencyPaths(
    hour((minute) => ([3, 4, 6].includes(minute) ? { completed: 1, p50_ms: 20, p95_ms: 10 * minute } : {})),
  );
  expect(top).toBe(100);
  expect(paths).toEqual(['M3 100L3 80h1L4 80h1V100zM6 100L6 80h1V100z', 'M3 70h1L4 60h1M6 40h1']);
});

test('stays within its frame, whatever the numbers', () => {
  const count = fc.nat({ max: 1_000_000 });
  fc.assert(
    fc.property(fc.array(fc.tuple(count, count), { minLength: 60, maxLength: 60 }), (counts) => {
      const { paths } = barPaths(
        hour((minute) => ({ completed: counts[minute]?.[0], failed: counts[minute]?.[1] }) as object),
      );
      for (const [, bottom, height] of paths.join('').matchAll(/M[\d.]+ ([\d.]+)v-([\d.]+)/g)) {
        expect(Number(bottom)).toBeLessThanOrEqual(HEIGHT);
        // Both are rounded to hundredths.
        expect(Number(bottom) - Number(height)).toBeGreaterThanOrEqual(-0.02);
      }
    }),
  );
});

test.each([
  [-0.1, 0],
  [0, 0],
  [0.5, 30],
  [0.999, 59],
  [1, 59],
  [7, 59],
])('at %d of the width is minute %d', (fraction, minute) => {
  expect(minuteAt(fraction, 60)).toBe(minute);
});

const history = hour((minute) =>
  minute === 58 ? { completed: 1204, failed: 3, p50_ms: 4, p95_ms: 12 } : minute === 20 ? { completed: 1 } : {},
);
const at = (text: string) => text.replaceAll('\u00a0', ' ').replace(/\d\d:\d\d/, 'HH:MM');

test('sums the hour up in words', () => {
  expect(throughputOfHour(history).sentence).toBe('last hour: 1,205 completed, 3 failed');
  expect(at(latencyOfHour(history).sentence)).toBe('latest, at HH:MM: p50 4 ms, p95 12 ms');
  expect(latencyOfHour(hour()).sentence).toBe('last hour: no task has ended');
});

test('reads a minute out', () => {
  expect(at(throughputOfMinute(history[58]).sentence)).toBe('HH:MM: 1,204 completed, 3 failed');
  expect(at(latencyOfMinute(history[58]).sentence)).toBe('HH:MM: p50 4 ms, p95 12 ms');
  expect(at(latencyOfMinute(history[0]).sentence)).toBe('HH:MM: no task has ended');
});
