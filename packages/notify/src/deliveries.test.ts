import { createLogger } from '@taskwire/service';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deliveries } from './deliveries.ts';
import type { Notification } from './notification.ts';
import type { Outcome } from './receiver.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const notification: Notification = { id: 'msg_1', taskId: 'one', taskType: 'add', status: 'completed', message: '{}' };

/** Tells a receiver that always gives the same outcome; gives the times between its attempts, in seconds. */
async function waitsOf(outcome: Outcome, attempts: number): Promise<number[]> {
  const times: number[] = [];
  const tell = async () => {
    times.push(Date.now());
    return outcome;
  };
  const done = vi.fn();
  const deliveries = new Deliveries({
    receiver: { kind: 'webhook', shown: 'http://localhost', tell },
    attempts,
    onDone: done,
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  deliveries.push({ notification, entry: '1-0', failures: 0 });
  await vi.runAllTimersAsync();
  expect(done).toHaveBeenCalledTimes(1);
  return times.slice(1).map((time, index) => (time - (times[index] as number)) / 1000);
}

test('waits twice as long after each failure, up to a minute, less up to a fifth', async () => {
  const waits = await waitsOf({ status: 'failed', why: 'no' }, 10);
  const full = [1, 2, 4, 8, 16, 32, 60, 60, 60];
  expect(waits).toHaveLength(full.length);
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeLessThanOrEqual(full[index] as number);
    expect(wait).toBeGreaterThan((full[index] as number) * 0.79);
  }
});

test('waits as long as a receiver asks for, but not less than it would by itself', async () => {
  const asked = (retryAfterMs: number): Outcome => ({ status: 'failed', why: 'busy', retryAfterMs });
  expect(await waitsOf(asked(30_000), 2)).toEqual([30]);
  expect((await waitsOf(asked(0), 2))[0]).toBeGreaterThan(0.79);
});

test('tells a receiver that refuses once only', async () => {
  expect(await waitsOf({ status: 'refused', why: 'gone' }, 8)).toEqual([]);
});
