import { expect, onTestFinished, test, vi } from 'vitest';
import type { TaskNews } from './task-news.ts';
import { createWaitForResult } from './wait-for-result.ts';

test('a wait ends when its timer fires, even if that is before its time by the clock', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  onTestFinished(() => clock.mockRestore());
  const never = new AbortController().signal;
  const news = { listen: async () => () => undefined } as unknown as TaskNews;
  const waitForResult = createWaitForResult({ store: { result: async () => null }, news, stopping: never });
  expect(await waitForResult('t', 0.01, never)).toBe(null);
});
