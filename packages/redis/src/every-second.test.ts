import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { everySecond } from './every-second.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('calls all back at once, each in its interval, until it is ended', () => {
  const calls: [name: string, at: number][] = [];
  const start = Date.now();
  const note = (name: string) => () => calls.push([name, Date.now() - start]);
  const endOften = everySecond(note('often'));
  vi.advanceTimersByTime(300);
  const endSeldom = everySecond(note('seldom'), 2);
  vi.advanceTimersByTime(1700);
  endOften();
  vi.advanceTimersByTime(2000);
  endSeldom();
  expect(calls).toHaveLength(4);
  expect(calls.filter(([name]) => name === 'often').map(([, at]) => at)).toEqual([1000, 2000]);
  // Which of the full seconds depends on those before.
  const [first = 0, second = 0] = calls.filter(([name]) => name === 'seldom').map(([, at]) => at);
  expect([first % 1000, second - first]).toEqual([0, 2000]);
  expect(vi.getTimerCount()).toBe(0);
});
