import { expect, test } from 'vitest';
import { retryDelayMs } from './notifier.ts';

test('waits twice as long after each failure, up to a minute, less up to a fifth', () => {
  for (const [index, full] of [1, 2, 4, 8, 16, 32, 60, 60, 60].entries()) {
    const seconds = retryDelayMs(index + 1) / 1000;
    expect(seconds).toBeLessThanOrEqual(full);
    expect(seconds).toBeGreaterThan(full * 0.79);
  }
});
