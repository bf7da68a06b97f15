import { createLogger } from '@taskwire/service';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LiveStatus, type Picture } from '../src/overview/live-status.ts';
import { statusWith } from './overview-fixtures.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function liveStatus() {
  const read = vi.fn(async () => statusWith());
  const logger = createLogger({ service: 'web', level: 'silent' });
  const warn = vi.spyOn(logger, 'warn');
  return { read, warn, live: new LiveStatus({ read, explain: (error) => (error as Error).message, logger }) };
}

test('reads nothing until somebody watches, and nothing more when nobody does any more', async () => {
  const { live, read } = liveStatus();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(read).toHaveBeenCalledTimes(0);
  const stop = live.watch(() => undefined);
  await vi.advanceTimersByTimeAsync(4000);
  expect(read).toHaveBeenCalledTimes(3);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(read).toHaveBeenCalledTimes(3);
  expect(vi.getTimerCount()).toBe(0);
});

test('begins anew for who comes later, and shows no old picture', async () => {
  const { live, read } = liveStatus();
  live.watch(() => undefined)();
  await vi.advanceTimersByTimeAsync(60_000);
  const pictures: Picture[] = [];
  read.mockResolvedValue(statusWith({ at: '2026-11-21T21:00:00.000Z' }));
  live.watch((picture) => pictures.push(picture));
  await vi.advanceTimersByTimeAsync(0);
  expect(pictures.map(({ text }) => JSON.parse(text).at)).toEqual(['2026-11-21T21:00:00.000Z']);
});

test('a page that is loaded again and again is no reason to read more often', async () => {
  const { live, read } = liveStatus();
  for (let i = 0; i < 10; i += 1) {
    live.watch(() => undefined)();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(read).toHaveBeenCalledTimes(1);
});

test('does not begin another reading while one hangs, but says so', async () => {
  const { live, read } = liveStatus();
  read.mockReturnValue(new Promise(() => undefined));
  const pictures: Picture[] = [];
  live.watch((picture) => pictures.push(picture));
  await vi.advanceTimersByTimeAsync(8500);
  expect(pictures).toEqual([
    { kind: 'trouble', text: 'no answer within 3 s' },
    { kind: 'trouble', text: 'no answer within 3 s' },
  ]);
  expect(read).toHaveBeenCalledTimes(1);
});

test('logs a trouble once, however long it lasts, and again when it comes back', async () => {
  const { live, read, warn } = liveStatus();
  const stop = live.watch(() => undefined);
  read.mockRejectedValue(new Error('away'));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(warn).toHaveBeenCalledTimes(1);
  read.mockResolvedValue(statusWith());
  await vi.advanceTimersByTimeAsync(4000);
  read.mockRejectedValue(new Error('away'));
  await vi.advanceTimersByTimeAsync(4000);
  expect(warn).toHaveBeenCalledTimes(2);
  stop();
});
